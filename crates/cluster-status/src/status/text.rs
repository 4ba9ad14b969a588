//! The text of `status`.

use std::fmt;
use std::time::SystemTime;

use infra_model::ObjectRef;
use plain_text::{Lines, line, printable_name};

use super::{Link, Problem, StatusReport};
use crate::assess::Retry;
use crate::time;

/// Most objects in a list.
const MOST_NAMES: usize = 12;
/// Most problems that are told with everything.
const MOST_WHOLE: usize = 10;

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::new(f);
        self.lines(&mut lines)?;
        lines.commands(self.next.iter().map(String::as_str))
    }
}

impl StatusReport {
    /// The answer in one line, to stand in another one.
    pub fn one_line(&self) -> String {
        match self.problems.iter().find(|problem| problem.counts) {
            Some(problem) => format!(
                "{}: {}: {}",
                problem.state.as_str(),
                problem.object,
                problem.cause
            ),
            None if self.fine.is_empty() => "not known".to_owned(),
            None => {
                let running = self.fine.iter().find_map(|link| link.running.as_deref());
                match running {
                    Some(running) => format!("ready, {}", short(running)),
                    None => "ready".to_owned(),
                }
            }
        }
    }

    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let whole = if self.asked.is_some() {
            usize::MAX
        } else {
            MOST_WHOLE
        };
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 && at < whole {
                line!(f)?;
            }
            match at < whole {
                true => problem.lines(f, self.now)?,
                false => problem.headline(f)?,
            }
        }
        if self.problems.is_empty() && self.fine.is_empty() && self.asked.is_some() {
            line!(f, "nothing was read about it")?;
        }
        if !self.problems.is_empty() && !self.fine.is_empty() {
            line!(f)?;
        }
        for link in &self.fine {
            let running = link
                .running
                .as_deref()
                .map(|running| format!(", {}", short(running)));
            line!(
                f,
                "ready: {}{}",
                printable_name(&link.object.to_string()),
                running.unwrap_or_default()
            )?;
            for note in &link.notes {
                line!(f, "note: {note}")?;
            }
        }
        // That nothing was read about it has been said.
        let is_told = !self.problems.is_empty() || !self.fine.is_empty();
        if is_told && !self.not_read.is_empty() {
            line!(f, "not read: {}", names(&self.not_read))?;
        }
        if self.asked.is_none() {
            if !self.problems.is_empty() {
                line!(f)?;
            }
            let counts: Vec<String> = self
                .counts
                .iter()
                .map(|(state, count)| format!("{count} {state}"))
                .collect();
            match counts.is_empty() {
                true => line!(f, "no object was read")?,
                false => line!(f, "in all: {}", counts.join(", "))?,
            }
        }
        Ok(())
    }
}

impl Problem {
    fn headline(&self, f: &mut Lines<'_>) -> fmt::Result {
        let Problem {
            state,
            object,
            cause,
            cycle,
            ..
        } = self;
        match cycle.is_empty() {
            true => line!(
                f,
                "{}: {}: {cause}",
                state.as_str(),
                printable_name(&object.to_string())
            ),
            false => line!(f, "{}: {cause}", state.as_str()),
        }
    }

    fn lines(&self, f: &mut Lines<'_>, now: Option<SystemTime>) -> fmt::Result {
        self.headline(f)?;
        let above = |pick: &dyn Fn(&Link) -> bool| self.chain.iter().rev().find(|link| pick(link));
        let since = above(&|link| link.since.is_some()).and_then(|link| link.since.as_deref());
        if let (Some(since), Some(now)) = (since.and_then(time::parse), now) {
            line!(f, "since: {} ({})", time::age(since, now), time::text(since))?;
        }
        // What restarts and what retries differ: each is told of its own object.
        let tried = |link: &&Link| link.tries.is_some() || link.retry == Some(Retry::Stalled);
        let mut tried: Vec<&Link> = self.chain.iter().rev().filter(tried).take(2).collect();
        if tried.is_empty() {
            tried.extend(above(&|link| link.retry.is_some()));
        }
        for link in tried {
            let tries = link.tries.map(|tries| match tries {
                1 => "1 try".to_owned(),
                tries => format!("{tries} tries"),
            });
            let retry = link.retry.map(|retry| match retry {
                Retry::Stalled => "stalled: nothing is tried until the object changes or is reset",
                Retry::Retried => "retried",
            });
            let history: Vec<&str> = tries.as_deref().into_iter().chain(retry).collect();
            line!(
                f,
                "tried: {}: {}",
                printable_name(&link.object.to_string()),
                history.join(", ")
            )?;
        }
        if self.chain.len() > 1 {
            line!(f, "chain:")?;
            for link in &self.chain {
                link.lines(f)?;
            }
        }
        let mut told: Vec<(&Option<String>, &Option<String>)> = Vec::new();
        for link in &self.chain {
            let versions = (&link.running, &link.wanted);
            if link.wanted.is_none()
                || link.running == link.wanted
                || link.object.kind == "Pod"
                || told.contains(&versions)
            {
                continue;
            }
            told.push(versions);
            let text = |text: &Option<String>| text.as_deref().map_or("nothing".to_owned(), short);
            line!(
                f,
                "revision: {} runs {}, wanted {}",
                printable_name(&link.object.to_string()),
                text(&link.running),
                text(&link.wanted)
            )?;
        }
        for link in &self.chain {
            for note in &link.notes {
                line!(f, "note: {}: {note}", printable_name(&link.object.to_string()))?;
            }
        }
        if !self.blocks.is_empty() {
            line!(f, "blocks: {}", names(&self.blocks))?;
        }
        if let Some(edit) = &self.edit {
            line!(
                f,
                "edit: {}, {}",
                printable_name(&edit.place.to_string()),
                edit.what
            )?;
        }
        Ok(())
    }
}

/// The first objects of a list, and how many more there are.
fn names(objects: &[ObjectRef]) -> String {
    let names: Vec<String> = objects
        .iter()
        .take(MOST_NAMES)
        .map(|object| printable_name(&object.to_string()).into_owned())
        .collect();
    let more = match objects.len().saturating_sub(MOST_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// A revision with the first digits of its hash, as Git shows it.
fn short(revision: &str) -> String {
    const DIGITS: usize = 12;
    match revision.rsplit_once(':') {
        Some((before, hash)) if hash.len() > DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{before}:{}", hash.get(..DIGITS).unwrap_or(hash))
        }
        _ => revision.to_owned(),
    }
}

impl Link {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        write!(
            f,
            "  {}: {}",
            printable_name(&self.object.to_string()),
            self.state.as_str()
        )?;
        match (self.reason.as_str(), self.message.as_str()) {
            ("", "") => line!(f),
            ("", text) => line!(f, ", {text}"),
            (reason, "") => line!(f, ", {reason}"),
            (reason, text) => line!(f, ", {reason}: {text}"),
        }
    }
}
