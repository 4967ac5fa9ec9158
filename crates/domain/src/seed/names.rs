//! Who there is: made-up people of many languages, with the address a mail administrator would have given them.

/// Name, and what stands before the `@`.
pub(super) type Name = (&'static str, &'static str);

/// In no order that means anything; the first organization takes from the front.
pub(super) const PEOPLE: [Name; 126] = [
    ("Ana Beatriz Sousa", "ana.sousa"), ("Kwame Boateng", "kwame.boateng"), ("Siobhán Ní Cheallaigh", "siobhan.nicheallaigh"),
    ("Takumi Hayashi", "takumi.hayashi"), ("Giulia Moretti", "giulia.moretti"), ("Reinhold Brandt", "reinhold.brandt"),
    ("Tomasz Wójcik", "tomasz.wojcik"), ("Ingrid Solberg", "ingrid.solberg"), ("Olena Kovalenko", "olena.kovalenko"),
    ("Fatima Zahra Benali", "fatima.benali"), ("José Luis Hernández", "jose.hernandez"), ("Nguyễn Thị Mai", "mai.nguyen"),
    ("Priya Raghunathan", "priya.raghunathan"), ("Lars Åkesson", "lars.akesson"), ("Adaeze Okonkwo", "adaeze.okonkwo"),
    ("Zoë van der Meer", "zoe.vandermeer"), ("Mehmet Yıldırım", "mehmet.yildirim"), ("王秀英", "xiuying.wang"),
    ("Björn Þórsson", "bjorn.thorsson"), ("Camille Lefèvre", "camille.lefevre"), ("Dmitri Volkov", "dmitri.volkov"),
    ("Aroha Ngata", "aroha.ngata"), ("Hannah Feldmann", "hannah.feldmann"), ("João Pedro Carvalho", "joao.carvalho"),
    ("Sakura Inoue", "sakura.inoue"), ("Emeka Nwosu", "emeka.nwosu"), ("Çağla Demir", "cagla.demir"),
    ("Rajesh Iyer", "rajesh.iyer"), ("Michał Zieliński", "michal.zielinski"), ("Noor al-Hashimi", "noor.alhashimi"),
    ("Ólöf Guðmundsdóttir", "olof.gudmundsdottir"), ("Liam O’Connor", "liam.oconnor"), ("Ivana Petrović", "ivana.petrovic"),
    ("Marta Kowalczyk", "marta.kowalczyk"), ("Thabo Mokoena", "thabo.mokoena"), ("Yael Ben-David", "yael.bendavid"),
    ("박지훈", "jihoon.park"), ("Elif Şahin", "elif.sahin"), ("Matteo Ricci", "matteo.ricci"),
    ("Astrid Lindqvist", "astrid.lindqvist"), ("Carlos Ramírez", "carlos.ramirez"), ("Dewi Lestari", "dewi.lestari"),
    ("Pavel Dvořák", "pavel.dvorak"), ("Grace Wanjiru", "grace.wanjiru"), ("Hiroshi Nakamura", "hiroshi.nakamura"),
    ("Léa Dubois", "lea.dubois"), ("Samuel Adeyemi", "samuel.adeyemi"), ("Anneke de Vries", "anneke.devries"),
    ("Γιώργος Παπαδόπουλος", "giorgos.papadopoulos"), ("Sanjay Deshpande", "sanjay.deshpande"), ("Katarzyna Nowak", "katarzyna.nowak"),
    ("Mateus Oliveira", "mateus.oliveira"), ("Aisha Rahman", "aisha.rahman"), ("Erik Johansson", "erik.johansson"),
    ("Nadia Haddad", "nadia.haddad"), ("Patrick Müller", "patrick.mueller"), ("Chiara Esposito", "chiara.esposito"),
    ("Олексій Бондар", "oleksii.bondar"), ("Ruth Abramson", "ruth.abramson"), ("Mohammed Farah", "mohammed.farah"),
    ("Jana Horáková", "jana.horakova"), ("Tiago Fernandes", "tiago.fernandes"), ("Kavita Menon", "kavita.menon"),
    ("Oskar Nilsen", "oskar.nilsen"), ("Beatriz Castillo", "beatriz.castillo"), ("Đorđe Jovanović", "djordje.jovanovic"),
    ("Ewa Lewandowska", "ewa.lewandowska"), ("Chidi Eze", "chidi.eze"), ("李明", "ming.li"),
    ("Sofia Andersson", "sofia.andersson"), ("Vikram Chandra", "vikram.chandra"), ("Marie-Claire Fontaine", "marieclaire.fontaine"),
    ("Ahmed Mansour", "ahmed.mansour"), ("Lucía Vega", "lucia.vega"), ("Stefan Ionescu", "stefan.ionescu"),
    ("Amara Diallo", "amara.diallo"), ("Jonas Schäfer", "jonas.schaefer"), ("Yuki Tanaka", "yuki.tanaka"),
    ("Brigid Murphy", "brigid.murphy"), ("András Szabó", "andras.szabo"), ("Leila Moradi", "leila.moradi"),
    ("Diego Morales", "diego.morales"), ("Maja Kristensen", "maja.kristensen"), ("Suresh Pillai", "suresh.pillai"),
    ("Nina Hofmann", "nina.hofmann"), ("Bálint Nagy", "balint.nagy"), ("Wanjiku Kamau", "wanjiku.kamau"),
    ("Élodie Marchand", "elodie.marchand"), ("Peter Nagy", "peter.nagy"), ("Valentina Rossi", "valentina.rossi"),
    ("Henrik Dahl", "henrik.dahl"), ("Zanele Dlamini", "zanele.dlamini"), ("Arjun Kapoor", "arjun.kapoor"),
    ("Mireille Gagnon", "mireille.gagnon"), ("Sven Bergström", "sven.bergstrom"), ("Paula Jiménez", "paula.jimenez"),
    ("Tariq Aziz", "tariq.aziz"), ("Johanna Virtanen", "johanna.virtanen"), ("Rubén Ortega", "ruben.ortega"),
    ("Gulsara Akhmetova", "gulsara.akhmetova"), ("Daniel Friedman", "daniel.friedman"), ("Hye-jin Kim", "hyejin.kim"),
    ("Felix Baumann", "felix.baumann"), ("Inês Moreira", "ines.moreira"), ("Oluwaseun Balogun", "oluwaseun.balogun"),
    ("Ayşe Kaya", "ayse.kaya"), ("Niamh Byrne", "niamh.byrne"), ("Kenji Watanabe", "kenji.watanabe"),
    ("Eleni Nikolaou", "eleni.nikolaou"), ("Marek Sikora", "marek.sikora"), ("Isabella Conti", "isabella.conti"),
    ("Rashid Khan", "rashid.khan"), ("Freya Sørensen", "freya.sorensen"), ("Gustavo Lima", "gustavo.lima"),
    ("Mei-Ling Chen", "meiling.chen"), ("Viktor Horvat", "viktor.horvat"), ("Salma Idrissi", "salma.idrissi"),
    ("Theo Janssens", "theo.janssens"), ("Nomvula Zulu", "nomvula.zulu"), ("Peter Gibbs", "peter.gibbs"),
    ("Milena Waddams", "milena.waddams"), ("Samir Nayeen", "samir.nayeen"), ("Michaela Bolton", "michaela.bolton"),
    ("Bill Lumberg", "bill.lumberg"), ("Joanna Anist", "joanna.anist"), ("Thomas Smykow", "thomas.smykow"),
];

/// What browsers call themselves.
pub(super) const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];
