//! `fuzz`: feeds randomly changed inputs to every reader of text.
//!
//! Stable Rust has no coverage to follow, so inputs come from a seed: equal seeds give equal inputs, and a find is repeated
//! by its number. cargo-fuzz needs nightly and AFL a special compiler; the engine here has a hundred lines.

mod engine;
mod seeds;
mod targets;

use std::fs;
use std::panic;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::workspace;
use engine::Engine;

/// An input that takes longer is reported.
const SLOW: Duration = Duration::from_secs(1);

/// Throw random inputs at readers of text.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this target.
    target: Option<String>,
    /// Number of inputs for each target.
    #[arg(long, default_value_t = 100_000)]
    executions: u64,
    /// The first seed: the input of each execution follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Longest time for each target, in seconds.
    #[arg(long)]
    seconds: Option<u64>,
}

/// The input that runs right now, for the message of a panic.
static CURRENT: Mutex<Option<(&'static str, u64, Vec<u8>)>> = Mutex::new(None);

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let folder = workspace::target().join("fuzz");
    fs::create_dir_all(&folder)?;
    let found = folder.clone();
    let usual = panic::take_hook();
    // A panic may abort the process, so its input is saved here.
    panic::set_hook(Box::new(move |panic| {
        if let Ok(current) = CURRENT.try_lock()
            && let Some((target, seed, input)) = &*current
        {
            let path = found.join(format!("{target}-{seed}"));
            // If writing fails, the seed is enough to repeat the input.
            let _ = fs::write(&path, input);
            eprintln!("{target}: seed {seed}: {path}");
        }
        usual(panic);
    }));
    let mut good = true;
    for target in targets::ALL.iter().filter(|target| {
        let wanted = arguments.target.as_deref();
        wanted.is_none_or(|name| name == target.name)
    }) {
        let start = Instant::now();
        let limit = arguments.seconds.map(Duration::from_secs);
        let (mut executions, mut slowest, mut finds) = (0, Duration::ZERO, 0);
        let engine = Engine::new(seeds::seeds(target))?;
        for seed in arguments.seed..arguments.seed.saturating_add(arguments.executions) {
            if limit.is_some_and(|limit| start.elapsed() > limit) {
                break;
            }
            let input = engine.input(seed);
            if let Ok(mut current) = CURRENT.lock() {
                *current = Some((target.name, seed, input.clone()));
            }
            let began = Instant::now();
            let outcome = (target.run)(&input);
            let took = began.elapsed();
            executions += 1;
            slowest = slowest.max(took);
            let fault = match outcome {
                Err(message) => message,
                Ok(()) if took > SLOW => format!("{:.1} s", took.as_secs_f64()),
                Ok(()) => continue,
            };
            finds += 1;
            let path = folder.join(format!("{}-{seed}", target.name));
            fs::write(&path, &input).with_context(|| format!("writing {path}"))?;
            println!("{}: seed {seed}: {fault}: {path}", target.name);
        }
        println!(
            "{}: {executions} executions in {:.0} s, {finds} finds, the slowest {:.2} s",
            target.name,
            start.elapsed().as_secs_f64(),
            slowest.as_secs_f64()
        );
        good &= finds == 0;
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_survives_its_first_inputs() {
        for target in targets::ALL {
            let engine = Engine::new(seeds::seeds(target)).unwrap();
            for seed in 1..=if target.is_slow { 60 } else { 400 } {
                let input = engine.input(seed);
                if let Err(message) = (target.run)(&input) {
                    panic!(
                        "{}: seed {seed}: {message}\n{}",
                        target.name,
                        String::from_utf8_lossy(&input)
                    );
                }
            }
        }
    }

    #[test]
    fn equal_seeds_give_equal_inputs() {
        let engine = Engine::new(vec![b"a: b\n".to_vec(), b"[1, 2]".to_vec()]).unwrap();
        assert_eq!(engine.input(7), engine.input(7));
        assert!((1..100).any(|seed| engine.input(seed) != engine.input(seed + 1)));
    }
}
