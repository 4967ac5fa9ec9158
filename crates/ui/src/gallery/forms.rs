//! Controls, as filled in, as wrong, as out of reach.

use super::item;
use crate::{
    Card, CardFooter, Checkbox, CheckboxGroup, Choice, ConfirmDialog, ConfirmForm, Consequence, Input, LinkButton,
    PasswordInput, PostForm, RadioCards, Select, SubmitButton, Switch, TextArea, Variant,
};
use leptos::prelude::*;

pub(super) fn family() -> impl IntoView {
    view! {
        <section class="gallery-family">
            <h2>"Forms"</h2>
            <div class="gallery-cols">
                {item("Input, Select, TextArea", view! {
                    <Card title="Invite user">
                        <PostForm action="/gallery" csrf="gallery">
                            <Input name="name" label="Name" value="Ana Lopez" autocomplete="off" />
                            <Input
                                name="email"
                                label="Email address"
                                r#type="email"
                                value="ana.acme.example"
                                error="Enter an email address with an @, such as ana@acme.example."
                            />
                            <Input name="slug" label="Slug" prefix="/t/" mono=true value="acme" hint="Lower case letters, digits and hyphens. It cannot change later." />
                            <Select name="role" label="Role" choices=roles() value="viewer" />
                            <TextArea name="note" label="Note" optional=true value="</textarea><script>alert(1)</script>" hint="Sent with the invitation." />
                            <CardFooter note="The link in the invitation works for 7 days.">
                                <LinkButton label="Cancel" href="#main" />
                                <SubmitButton label="Send invitation" pending="Sending" />
                            </CardFooter>
                        </PostForm>
                    </Card>
                })}
                {item("Out of reach, read only, password", view! {
                    <Card title="Sign-in">
                        <PostForm action="/gallery" csrf="gallery">
                            <Input name="managed" label="Name" value="Ana Lopez" disabled=true hint="Managed by Okta (SCIM), last sync 4 min ago." />
                            <Input name="fixed" label="Organization id" value="0d7c7f6e" readonly=true mono=true />
                            <PasswordInput
                                name="password"
                                label="Password"
                                aside=view! { <a href="#main">"Forgot password"</a> }.into_any()
                            />
                            <PasswordInput name="new-password" label="New password" autocomplete="new-password" hint="At least 12 characters." error="This password is on a list of stolen ones. Choose another." />
                        </PostForm>
                    </Card>
                })}
            </div>
            <div class="gallery-cols">
                {item("RadioCards", view! {
                    <RadioCards
                        name="mfa"
                        legend="Second factor"
                        value="optional"
                        choices=vec![
                            Choice::new("optional", "Optional").hint("Users may add one."),
                            Choice::new("required", "Required").hint("14 users must add one at their next sign-in."),
                            Choice::new("hardware", "Security key only").disabled("Needs the Enterprise plan."),
                        ]
                    />
                })}
                {item("CheckboxGroup, Checkbox, Switch", view! {
                    <CheckboxGroup
                        name="permission"
                        legend="Permissions"
                        hint="Only those you hold yourself can be granted."
                        values=vec!["users:read".to_owned()]
                        choices=vec![
                            Choice::new("users:read", "Read users"),
                            Choice::new("users:invite", "Invite users"),
                            Choice::new("users:suspend", "Suspend users").disabled("You do not hold users:suspend."),
                        ]
                        error="Choose at least one you hold."
                    />
                    <Checkbox name="saved" label="I saved these codes" error="Save the codes first; they are shown once." />
                    <Switch name="notify" label="Notify by email" checked=true hint="One message for each new device." />
                    <Switch name="sms" label="Codes by SMS" hint="Off by default: messages can be intercepted." />
                    <Switch name="off" label="Sign-in by link" disabled=true hint="Needs a verified domain." />
                })}
            </div>
            {item("ConfirmDialog, opened by a link to the page that asks without JavaScript", view! {
                <div class="gallery-row">
                    <LinkButton label="Suspend Acme" href=super::Sheet::Confirm.href() variant=Variant::Danger dialog="suspend-acme" />
                </div>
                <ConfirmDialog
                    id="suspend-acme"
                    title="Suspend Acme"
                    summary="Nobody of Acme can sign in until it is reactivated. Its data is kept."
                    consequences=vec![
                        Consequence::counted(212, "users are signed out"),
                        Consequence::counted(9, "API keys stop working"),
                    ]
                >
                    <ConfirmForm action="/gallery" csrf="gallery" confirm_label="Suspend Acme" cancel_href="#main" />
                </ConfirmDialog>
            })}
        </section>
    }
}

pub(super) fn roles() -> Vec<Choice> {
    vec![
        Choice::new("viewer", "Viewer"),
        Choice::new("user", "User"),
        Choice::new("manager", "Manager"),
        Choice::new("admin", "Admin"),
    ]
}
