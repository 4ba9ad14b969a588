//! Paths of requests, which decide between several services of one host.

/// The literal beginning of the path of a request such as `GET /x -> web:80` or `~/x(/|$)(.*)`.
pub(super) fn beginning(request: &str) -> String {
    let mut words = request.split_whitespace();
    let path = words.find_map(|word| {
        let path = word.trim_start_matches(['=', '~', '^']);
        path.starts_with('/').then_some(path)
    });
    let path = path.unwrap_or_default();
    let end = path.find(['(', '[', '*', '?', '+', '\\', '$', '|']);
    let literal = end.and_then(|end| path.get(..end));
    // A dot before `*` is any character.
    let literal = literal.map_or(path, |literal| literal.trim_end_matches('.'));
    literal.trim_end_matches('/').to_owned()
}

/// Whether the first segments of a path are those of another one.
pub(super) fn is_below(path: &str, own: &str) -> bool {
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}
