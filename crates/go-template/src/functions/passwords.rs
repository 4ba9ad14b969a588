//! Derived passwords, and password hashes, which are placeholders because their salt is random.

use hmac::{Hmac, KeyInit, Mac};
use scrypt::Params;
use sha2::Sha256;

use super::result::{RANDOM, Result};
use crate::Type::{Text as Str, Uint32};
use crate::{Arguments, Caller, Function, FunctionError, Text, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("bcrypt", Function::new(&[Str], |_, a| Ok(bcrypt(a.text(0), "")))),
    (
        "derivePassword",
        Function::new(&[Uint32, Str, Str, Str, Str], derive_password),
    ),
    ("htpasswd", Function::new(&[Str, Str], htpasswd)),
];

/// Longest password that bcrypt hashes, in bytes.
const MAX_BCRYPT: usize = 72;

fn bcrypt(password: &Text, before: &str) -> Value {
    if password.len() > MAX_BCRYPT {
        return Value::text(format!(
            "{before}failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
        ));
    }
    // A well-formed hash without a known password.
    let hash = format!("{before}$2a$10${}", ".".repeat(53));
    Value::unknown(Value::text(hash), RANDOM)
}

fn htpasswd(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let name = arguments.text(0).to_str();
    if name.contains(':') {
        return Ok(Value::text(format!("invalid username: {name}")));
    }
    Ok(bcrypt(arguments.text(1), &format!("{name}:")))
}

/// Templates of passwords by type. Each letter is a class of characters.
const TEMPLATES: [(&str, &[&str]); 6] = [
    ("maximum", &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]),
    (
        "long",
        &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
    ),
    ("medium", &["CvcnoCvc", "CvcCvcno"]),
    ("short", &["Cvcn"]),
    ("basic", &["aaanaaan", "aannaaan", "aaannaaa"]),
    ("pin", &["nnnn"]),
];

fn characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// Cost of deriving a key, in steps.
const COST: u64 = 4_000_000;

/// The password of the Master Password algorithm.
fn derive_password(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let wanted = arguments.text(1).to_str();
    let Some((_, templates)) = TEMPLATES.into_iter().find(|(name, _)| *name == wanted) else {
        return Ok(Value::text(format!("cannot find password template {wanted}")));
    };
    caller.budget().spend(COST)?;
    let failed = || FunctionError::new("failed to derive password");
    let counter = u32::try_from(arguments.int(0)).unwrap_or_default();
    let (user, site) = (arguments.bytes(3), arguments.bytes(4));
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let salt = [SEED, &length(user), user].concat();
    let params = Params::new(15, 8, 2).map_err(|_| failed())?;
    let mut key = [0_u8; 64];
    scrypt::scrypt(arguments.bytes(2), &salt, &params, &mut key).map_err(|_| failed())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| failed())?;
    mac.update(&[SEED, &length(site), site, &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let mut seed = seed.iter().map(|byte| usize::from(*byte));
    let template = templates
        .get(seed.next().unwrap_or_default() % templates.len())
        .copied()
        .unwrap_or_default();
    let password: Vec<u8> = template
        .bytes()
        .zip(seed)
        .filter_map(|(letter, number)| {
            let class = characters(letter);
            class.get(number % class.len()).copied()
        })
        .collect();
    Ok(Value::text(password))
}
