//! Counters of memory and work, checked against their limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use thiserror::Error;

use crate::Limits;

/// A limit that a request would exceed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Exhausted {
    /// [`Limits::memory`]
    #[error("the files of this cluster take more than {limit} bytes of memory")]
    Memory {
        /// The limit.
        limit: u64,
    },
    /// A quarter of [`Limits::memory`]
    #[error("the texts that it makes take more than {limit} bytes")]
    Growth {
        /// The most that one build may take.
        limit: u64,
    },
    /// [`Limits::build_steps`]
    #[error("it takes more than {limit} steps of work")]
    BuildSteps {
        /// The limit.
        limit: u64,
    },
    /// [`Limits::objects`]
    #[error("all Kustomizations of this cluster apply more than {limit} objects")]
    Objects {
        /// The limit.
        limit: usize,
    },
    /// Eight times [`Limits::objects`]
    #[error("the ArtifactGenerators of this cluster copy more than {limit} files")]
    Copies {
        /// The limit.
        limit: u64,
    },
    /// [`Limits::steps`]
    #[error("all builds of this cluster take more than {limit} steps of work")]
    Steps {
        /// The limit.
        limit: u64,
    },
}

/// The memory and work that all builds of one cluster share. A refused request takes nothing, so that small builds go
/// on.
///
/// Which of several parallel builds finds it used up is a matter of chance. For a reproducible answer, check
/// [`Budget::is_exhausted`] and run the builds again, one after the other.
#[derive(Debug, Default)]
pub struct Budget {
    limits: Limits,
    memory: AtomicU64,
    steps: AtomicU64,
    objects: AtomicU64,
    copies: AtomicU64,
    exhausted: AtomicBool,
    is_short_of_memory: AtomicBool,
}

impl Budget {
    /// An unused budget.
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Budget {
            limits: *limits,
            ..Budget::default()
        })
    }

    /// Whether anything was refused.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    /// Takes memory for something that stays until the end.
    ///
    /// # Errors
    /// [`Exhausted::Memory`]
    pub fn take_memory(&self, bytes: u64) -> Result<(), Exhausted> {
        let limit = self.limits.memory;
        self.take(&self.memory, bytes, limit, Exhausted::Memory { limit })
            .inspect_err(|_| self.is_short_of_memory.store(true, Ordering::Relaxed))
    }

    /// Fails once memory has been refused, so that nothing is begun that only shows its size after a lot of work.
    ///
    /// # Errors
    /// [`Exhausted::Memory`]
    pub fn check_memory(&self) -> Result<(), Exhausted> {
        match self.is_short_of_memory.load(Ordering::Relaxed) {
            true => Err(Exhausted::Memory {
                limit: self.limits.memory,
            }),
            false => Ok(()),
        }
    }

    /// Takes room for a file that an ArtifactGenerator copies. Copies have their own bound, so that builds still have
    /// room.
    ///
    /// # Errors
    /// [`Exhausted::Copies`]
    pub fn take_copy(&self) -> Result<(), Exhausted> {
        let limit = (self.limits.objects as u64).saturating_mul(8);
        self.take(&self.copies, 1, limit, Exhausted::Copies { limit })
    }

    /// Takes room for an object that is about to be applied.
    ///
    /// # Errors
    /// [`Exhausted::Objects`]
    pub fn take_object(&self) -> Result<(), Exhausted> {
        let limit = self.limits.objects;
        self.take(&self.objects, 1, limit as u64, Exhausted::Objects { limit })
    }

    /// Fails if there is no room for another object.
    ///
    /// # Errors
    /// [`Exhausted::Objects`]
    pub fn check_objects(&self) -> Result<(), Exhausted> {
        let limit = self.limits.objects;
        if self.objects.load(Ordering::Relaxed) < limit as u64 {
            return Ok(());
        }
        self.exhausted.store(true, Ordering::Relaxed);
        Err(Exhausted::Objects { limit })
    }

    /// Gives back the room of objects that are no longer applied.
    pub fn give_objects_back(&self, count: usize) {
        self.objects.fetch_sub(count as u64, Ordering::Relaxed);
    }

    fn take_steps(&self, steps: u64) -> Result<(), Exhausted> {
        let limit = self.limits.steps;
        self.take(&self.steps, steps, limit, Exhausted::Steps { limit })
    }

    fn take(
        &self,
        counter: &AtomicU64,
        amount: u64,
        limit: u64,
        exhausted: Exhausted,
    ) -> Result<(), Exhausted> {
        let before = counter.fetch_add(amount, Ordering::Relaxed);
        if before.saturating_add(amount) <= limit {
            return Ok(());
        }
        // A refused request takes nothing, so that smaller ones still fit.
        counter.fetch_sub(amount, Ordering::Relaxed);
        self.exhausted.store(true, Ordering::Relaxed);
        Err(exhausted)
    }

    /// A counter for one build.
    pub fn work(self: &Arc<Self>) -> Work {
        Work {
            spent: Arc::default(),
            grown: Arc::default(),
            budget: Arc::clone(self),
        }
    }
}

/// The work and memory of one build so far. Clones share their counters.
#[derive(Clone, Debug)]
pub struct Work {
    spent: Arc<AtomicU64>,
    grown: Arc<AtomicU64>,
    budget: Arc<Budget>,
}

impl Work {
    /// Takes steps for work that is about to be done.
    ///
    /// # Errors
    /// [`Exhausted::BuildSteps`] and [`Exhausted::Steps`]
    pub fn spend(&self, steps: u64) -> Result<(), Exhausted> {
        let limit = self.budget.limits.build_steps;
        let before = self.spent.fetch_add(steps, Ordering::Relaxed);
        if before.saturating_add(steps) > limit {
            return Err(Exhausted::BuildSteps { limit });
        }
        self.budget.take_steps(steps)
    }

    /// Takes `steps` for each of `count` things.
    ///
    /// # Errors
    /// As [`Work::spend`].
    pub fn spend_each(&self, count: usize, steps: usize) -> Result<(), Exhausted> {
        self.spend((count as u64).saturating_mul(steps as u64))
    }

    /// Takes the memory of a tree that is put somewhere, estimated from its weight in steps. Small trees count with the
    /// object that holds them.
    ///
    /// # Errors
    /// [`Exhausted::Growth`] and [`Exhausted::Memory`]
    pub fn grow_tree(&self, steps: usize) -> Result<(), Exhausted> {
        let bytes = (steps as u64).saturating_mul(BYTES_PER_STEP);
        if bytes < LARGE_TREE {
            return Ok(());
        }
        self.take_growth(bytes)
    }

    /// Takes the steps and the memory of `count` texts of a length. Short ones count with the object that holds them.
    ///
    /// # Errors
    /// As [`Work::spend`], and [`Exhausted::Memory`].
    pub fn grow(&self, count: usize, bytes: usize) -> Result<(), Exhausted> {
        let bytes = (count as u64).saturating_mul(bytes as u64);
        self.spend(bytes / BYTES_PER_STEP)?;
        if bytes < LONG_TEXT {
            return Ok(());
        }
        self.take_growth(bytes)
    }

    fn take_growth(&self, bytes: u64) -> Result<(), Exhausted> {
        let limit = self.budget.limits.memory;
        let before = self.grown.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > limit / 4 {
            return Err(Exhausted::Growth { limit: limit / 4 });
        }
        self.budget.take_memory(bytes)
    }
}

/// Bytes of text that are about as much work as one node.
const BYTES_PER_STEP: u64 = 64;
/// Texts of at least this many bytes are counted as memory.
const LONG_TEXT: u64 = 64 << 10;
/// Trees of at least this many bytes are counted as memory.
const LARGE_TREE: u64 = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_build_and_all_together_are_bounded() {
        let limits = Limits {
            build_steps: 10,
            steps: 15,
            memory: 5,
            ..Limits::default()
        };
        let budget = Budget::new(&limits);
        let (first, second) = (budget.work(), budget.work());
        assert_eq!(first.spend(10), Ok(()));
        assert_eq!(first.clone().spend(1), Err(Exhausted::BuildSteps { limit: 10 }));
        assert!(!budget.is_exhausted());
        assert_eq!(second.spend_each(2, 3), Err(Exhausted::Steps { limit: 15 }));
        assert!(budget.is_exhausted());
        assert_eq!(budget.take_memory(5), Ok(()));
        assert_eq!(budget.take_memory(1), Err(Exhausted::Memory { limit: 5 }));
        assert_eq!(
            budget.work().spend_each(usize::MAX, usize::MAX),
            Err(Exhausted::BuildSteps { limit: 10 })
        );
    }
}
