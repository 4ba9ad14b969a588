//! The text of `status`.

use std::fmt;
use std::time::SystemTime;

use infra_model::ObjectRef;
use plain_text::{Lines, line};

use super::{Link, Problem, StatusReport};
use crate::assess::Retry;
use crate::message::printable;
use crate::time;

/// Most objects in a list.
const MOST_NAMES: usize = 12;
/// Most problems that are shown with all details.
const MOST_WHOLE: usize = 10;

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::new(f);
        self.lines(&mut lines)?;
        lines.commands(self.next.iter().map(String::as_str))
    }
}

impl StatusReport {
    /// The answer as a part of a line.
    pub fn one_line(&self) -> String {
        match self.problems.iter().find(|problem| problem.counts) {
            Some(Problem {
                state, object, cause, ..
            }) => format!("{}: {object}: {cause}", state.as_str()),
            None if self.fine.is_empty() => "not known".to_owned(),
            None => match self.fine.iter().find_map(|link| link.running.as_deref()) {
                Some(running) => format!("ready, {}", short(running)),
                None => "ready".to_owned(),
            },
        }
    }

    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let whole = match self.asked {
            Some(_) => usize::MAX,
            None => MOST_WHOLE,
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
            write!(f, "ready: {}", printable(&link.object))?;
            if let Some(running) = &link.running {
                write!(f, ", {}", short(running))?;
            }
            line!(f)?;
            for note in &link.notes {
                line!(f, "note: {note}")?;
            }
        }
        // Otherwise the answer already says that nothing was read.
        let was_read = !self.problems.is_empty() || !self.fine.is_empty();
        if was_read && !self.not_read.is_empty() {
            line!(f, "not read: {}", names(&self.not_read))?;
        }
        if self.asked.is_none() {
            if !self.problems.is_empty() {
                line!(f)?;
            }
            let counts = self.counts.iter();
            let counts: Vec<String> = counts.map(|(state, count)| format!("{count} {state}")).collect();
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
        let (state, cause) = (self.state.as_str(), &self.cause);
        match self.cycle.is_empty() {
            true => line!(f, "{state}: {}: {cause}", printable(&self.object)),
            false => line!(f, "{state}: {cause}"),
        }
    }

    fn lines(&self, f: &mut Lines<'_>, now: Option<SystemTime>) -> fmt::Result {
        self.headline(f)?;
        let above = |pick: &dyn Fn(&Link) -> bool| self.chain.iter().rev().find(|link| pick(link));
        let since = above(&|link| link.since.is_some()).and_then(|link| link.since.as_deref());
        if let (Some(since), Some(now)) = (since.and_then(time::parse), now) {
            line!(f, "since: {} ({})", time::age(since, now), time::text(since))?;
        }
        // Restarts and retries may be counted at different objects.
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
            line!(f, "tried: {}: {}", printable(&link.object), history.join(", "))?;
        }
        if self.chain.len() > 1 {
            line!(f, "chain:")?;
            for link in &self.chain {
                link.lines(f)?;
            }
        }
        let mut shown: Vec<(&Option<String>, &Option<String>)> = Vec::new();
        for link in &self.chain {
            let versions = (&link.running, &link.wanted);
            if link.wanted.is_none()
                || link.running == link.wanted
                || link.object.kind == "Pod"
                || shown.contains(&versions)
            {
                continue;
            }
            shown.push(versions);
            let text = |text: &Option<String>| text.as_deref().map_or("nothing".to_owned(), short);
            let (running, wanted) = (text(&link.running), text(&link.wanted));
            line!(
                f,
                "revision: {} runs {running}, wanted {wanted}",
                printable(&link.object)
            )?;
        }
        for link in &self.chain {
            for note in &link.notes {
                line!(f, "note: {}: {note}", printable(&link.object))?;
            }
        }
        if !self.blocks.is_empty() {
            line!(f, "blocks: {}", names(&self.blocks))?;
        }
        if let Some(edit) = &self.edit {
            line!(f, "edit: {}, {}", printable(&edit.place), edit.what)?;
        }
        Ok(())
    }
}

/// The first objects of a list, and how many more there are.
fn names(objects: &[ObjectRef]) -> String {
    let names: Vec<String> = objects.iter().take(MOST_NAMES).map(printable).collect();
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
        write!(f, "  {}: {}", printable(&self.object), self.state.as_str())?;
        match (self.reason.as_str(), self.message.as_str()) {
            ("", "") => line!(f),
            ("", text) => line!(f, ", {text}"),
            (reason, "") => line!(f, ", {reason}"),
            (reason, text) => line!(f, ", {reason}: {text}"),
        }
    }
}
