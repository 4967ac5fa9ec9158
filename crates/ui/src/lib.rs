//! Components of the design system: semantic HTML, no data access, no business rule.
