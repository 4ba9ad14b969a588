//! The lines that push an artifact: the command, or the step that uses the action.

/// Most lines of one command or step.
const MOST_LINES: usize = 20;

const COMMAND: &str = " push artifact";
const ACTION: &str = "/actions/push@";

/// Whether a text may hold such lines.
pub(super) fn may_push(text: &str) -> bool {
    text.contains(COMMAND) || text.contains(ACTION)
}

/// URL and folder as a line and those that follow state them.
pub(super) fn stated(line: &str, following: &[&str]) -> Option<(String, String)> {
    match line.split_once(COMMAND) {
        Some((_, rest)) => of_command(rest, following),
        None if line.contains(ACTION) => of_action(following),
        None => None,
    }
}

/// URL and folder of a command, whose first line is `rest`.
fn of_command(rest: &str, following: &[&str]) -> Option<(String, String)> {
    let mut command = String::new();
    let mut line = rest;
    for next in following.iter().take(MOST_LINES).copied().chain([""]) {
        let continued = line.trim_end().strip_suffix('\\');
        command.push_str(continued.unwrap_or(line));
        command.push(' ');
        let next_is_argument = next.trim_start().starts_with(['-', '"', '$', '{']) || next.contains("oci://");
        let is_list = next.trim_start().starts_with("- ");
        if continued.is_none() && (!next_is_argument || is_list) {
            break;
        }
        line = next;
    }
    let words = words(&command);
    let path = words.iter().enumerate().find_map(|(at, word)| {
        let stated = word.strip_prefix("--path=").or_else(|| word.strip_prefix("-f="));
        match word.as_str() {
            "--path" | "-f" => words.get(at + 1).cloned(),
            _ => stated.map(str::to_owned),
        }
    });
    let url = words.iter().find(|word| word.contains("oci://"));
    let url = url.or_else(|| {
        words
            .first()
            .filter(|word| word.contains('$') || word.contains("{{"))
    });
    Some((url?.clone(), path?))
}

/// URL and folder of a step that uses the action: `repository` has no scheme.
fn of_action(following: &[&str]) -> Option<(String, String)> {
    let step = following.iter().take(MOST_LINES);
    let step = step
        .map(|line| line.trim())
        .take_while(|line| !line.starts_with("- "));
    let (mut repository, mut path) = (None, None);
    for line in step {
        let value = |key: &str| {
            let value = line.strip_prefix(key)?.trim();
            Some(value.trim_matches(['"', '\'']).to_owned())
        };
        repository = repository.or_else(|| value("repository:"));
        path = path.or_else(|| value("path:"));
    }
    Some((format!("oci://{}", repository?), path?))
}

/// The words of a command without their quotes; `${{ … }}`, `{{ … }}` and `$( … )` are part of a word.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quote, mut depth) = (None, 0_usize);
    for char in command.chars() {
        match char {
            '"' | '\'' if quote == Some(char) => quote = None,
            '"' | '\'' if quote.is_none() && depth == 0 => quote = Some(char),
            char if char.is_whitespace() && quote.is_none() && depth == 0 => words.push(String::new()),
            char => {
                match char {
                    '{' | '(' => depth += 1,
                    '}' | ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if let Some(word) = words.last_mut() {
                    word.push(char);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
