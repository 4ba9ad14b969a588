//! A seed and valid inputs turn into an input that is nearly valid.

/// Pieces of text that mean something to one of the readers, as a JSON list.
const WORDS: &str = include_str!("words.json");

/// Changes valid inputs at random.
pub(super) struct Engine {
    seeds: Vec<Vec<u8>>,
    words: Vec<String>,
}

/// Pseudo-random numbers, the same for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // Spreads a seed of few bits over all of them.
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        match u64::try_from(end) {
            Ok(end @ 1..) => usize::try_from(self.next() % end).unwrap_or_default(),
            _ => 0,
        }
    }
}

impl Engine {
    pub(super) fn new(seeds: Vec<Vec<u8>>) -> serde_json::Result<Self> {
        let words = serde_json::from_str(WORDS)?;
        Ok(Engine { seeds, words })
    }

    /// The input of a seed.
    pub(super) fn input(&self, seed: u64) -> Vec<u8> {
        /// Longer inputs take longer and find nothing more.
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
                let word = self.words.get(random.below(self.words.len()));
                input.splice(at..at, word.into_iter().flat_map(|word| word.bytes()));
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

/// The start and end of each line, including its line feed.
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
