//! A seed and sound inputs turn into an input that is nearly sound.

/// Pieces of text that mean something to one of the readers.
const WORDS: &[&str] = &[
    "\0",
    "\t",
    "\r",
    "\r\n",
    "\n---\n",
    "\n...\n",
    "%YAML 1.1\n",
    "%TAG ! tag:x,1:\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!!float ",
    "!x ",
    "? ",
    "- ",
    ": ",
    "|",
    ">-",
    "|9+",
    "''",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "~",
    ".nan",
    "-.inf",
    "0x",
    "1e999",
    "99999999999999999999",
    "-9223372036854775808",
    "2001-01-01",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "${",
    "}",
    "$$",
    ":=",
    ":-",
    ":+",
    "//",
    "/#",
    "##",
    "%%",
    "^^",
    ",,",
    ":0:1",
    "{{",
    "}}",
    "{{-",
    "-}}",
    "<<",
    ">>",
    "range ",
    "end",
    "if ",
    "else",
    "define \"x\"",
    "template \"x\" .",
    "block \"x\" .",
    "with ",
    "$x := ",
    ".x",
    "| ",
    "printf \"%*d\" ",
    "until ",
    "repeat ",
    "index ",
    "toYaml ",
    "fromYaml ",
    "tpl ",
    "include ",
    "dict ",
    "list ",
    "regexReplaceAll ",
    "resources:",
    "components:",
    "patches:",
    "images:",
    "replacements:",
    "vars:",
    "configMapGenerator:",
    "secretGenerator:",
    "behavior: merge",
    "namePrefix: x",
    "nameSuffix: x",
    "namespace: x",
    "commonLabels:",
    "labels:",
    "includeSelectors: true",
    "crds:",
    "openapi:",
    "configurations:",
    "transformers:",
    "generators:",
    "validators:",
    "replicas:",
    "sortOptions:",
    "helmCharts:",
    "target: {kind: ConfigMap}",
    "$patch: delete",
    "$setElementOrder/containers:",
    "$retainKeys:",
    "\"op\":\"move\"",
    "\"from\":\"/\"",
    "\"path\":\"/-1\"",
    "\"path\":\"/a~1b\"",
    "fieldPaths: ['*']",
    "delimiter: x, index: 99",
    "kind: List",
    "items:",
    "metadata:",
    "annotations:",
    "config.kubernetes.io/local-config: x",
    "internal.config.kubernetes.io/previousNames: a,b",
    "kustomize.toolkit.fluxcd.io/substitute: disabled",
    "postBuild:",
    "substituteFrom:",
    "dependsOn:",
    "sourceRef:",
    "path: ..",
    "path: ./",
    "null",
    "true",
    "''",
    "\"\"",
];

/// Makes inputs out of sound ones.
pub(super) struct Engine {
    seeds: Vec<Vec<u8>>,
}

/// Numbers that look random, the same for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // A seed of few bits is spread over all of them.
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `end`; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        match u64::try_from(end) {
            Ok(end @ 1..) => usize::try_from(self.next() % end).unwrap_or_default(),
            _ => 0,
        }
    }
}

impl Engine {
    pub(super) fn new(seeds: &[Vec<u8>]) -> Self {
        Engine {
            seeds: seeds.to_vec(),
        }
    }

    /// The input of a seed.
    pub(super) fn input(&self, seed: u64) -> Vec<u8> {
        /// Longer inputs say nothing new and take longer.
        const LONGEST: usize = 8 << 10;
        let mut random = Random::new(seed);
        let mut input = self.any(&mut random).to_vec();
        for _ in 0..=random.below(6) {
            self.change(&mut input, &mut random);
            input.truncate(LONGEST);
        }
        input
    }

    fn any(&self, random: &mut Random) -> &[u8] {
        self.seeds
            .get(random.below(self.seeds.len()))
            .map_or(&[], Vec::as_slice)
    }

    fn change(&self, input: &mut Vec<u8>, random: &mut Random) {
        let at = random.below(input.len() + 1);
        let length = random.below(32).min(input.len() - at);
        match random.below(9) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            1 | 2 => {
                let word = WORDS.get(random.below(WORDS.len())).copied().unwrap_or_default();
                input.splice(at..at, word.bytes());
            }
            3 => drop(input.drain(at..at + length)),
            4 => {
                let piece = input.get(at..at + length).unwrap_or_default();
                let piece = piece.repeat(1 + random.below(20));
                input.splice(at..at, piece);
            }
            5 => {
                let other = self.any(random);
                let from = random.below(other.len() + 1);
                let until = (from + random.below(200)).min(other.len());
                input.splice(at..at, other.get(from..until).unwrap_or_default().iter().copied());
            }
            6 => swap_lines(input, random),
            7 => {
                let line = lines(input).get(random.below(lines(input).len())).copied();
                if let Some((from, until)) = line {
                    let indented = random.below(2) == 0;
                    match indented {
                        true => drop(input.splice(from..from, *b"  ")),
                        false => drop(input.drain(from..until)),
                    }
                }
            }
            _ => input.truncate(at),
        }
    }
}

/// Where lines begin and end, their line feeds included.
fn lines(input: &[u8]) -> Vec<(usize, usize)> {
    let mut from = 0;
    input
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let line = (from, from + line.len());
            from = line.1;
            line
        })
        .collect()
}

fn swap_lines(input: &mut Vec<u8>, random: &mut Random) {
    let mut parts: Vec<Vec<u8>> = input
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let (a, b) = (random.below(parts.len()), random.below(parts.len()));
    if !parts.is_empty() {
        parts.swap(a, b);
    }
    *input = parts.concat();
}
