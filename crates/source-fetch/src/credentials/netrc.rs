//! `.netrc`: logins by host.
//!
//! <https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>

use super::Login;

#[derive(Default)]
pub(super) struct Netrc {
    /// In the file's order; the empty name is `default`.
    machines: Vec<(String, Login)>,
}

impl Netrc {
    pub(super) fn parse(text: &str) -> Self {
        let mut netrc = Netrc::default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let mut words = lines.flat_map(str::split_whitespace);
        while let Some(word) = words.next() {
            match word {
                "machine" => netrc.begin(words.next()),
                "default" => netrc.begin(Some("")),
                "login" => netrc.set(words.next(), |login| &mut login.user),
                "password" => netrc.set(words.next(), |login| &mut login.password),
                "account" => {
                    words.next();
                }
                _ => {}
            }
        }
        netrc
    }

    pub(super) fn login(&self, host: &str) -> Option<Login> {
        let mut machines = self.machines.iter();
        let found = machines.find(|(machine, login)| {
            (machine == host || machine.is_empty()) && !login.user.is_empty() && !login.password.is_empty()
        });
        found.map(|(_, login)| login.clone())
    }

    fn begin(&mut self, machine: Option<&str>) {
        if let Some(machine) = machine {
            self.machines.push((machine.to_owned(), Login::default()));
        }
    }

    fn set(&mut self, value: Option<&str>, field: impl Fn(&mut Login) -> &mut String) {
        if let (Some((_, login)), Some(value)) = (self.machines.last_mut(), value) {
            value.clone_into(field(login));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_by_host() {
        let text = "# machine x login y password z\nmachine a.example.org\n  login u\n  password p\n\
                    machine b.example.org login v account q password w\nmachine c login only\n";
        let netrc = Netrc::parse(text);
        let check = |netrc: &Netrc, host: &str, expected: Option<(&str, &str)>| {
            let login = netrc.login(host);
            let found = login
                .as_ref()
                .map(|login| (login.user.as_str(), login.password.as_str()));
            assert!(found == expected, "{host}");
        };
        check(&netrc, "a.example.org", Some(("u", "p")));
        check(&netrc, "b.example.org", Some(("v", "w")));
        check(&netrc, "c", None);
        check(&netrc, "x", None);
        let netrc = Netrc::parse(&format!("{text}default login d password e\n"));
        check(&netrc, "x", Some(("d", "e")));
    }
}
