//! `encryptAES` and `decryptAES`: AES-256-CBC with a random initialization vector as the first block.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::encoding::{decode_base64, encode_base64};
use super::result::{RANDOM, Result};
use crate::Type::Text as Str;
use crate::{Arguments, Caller, Function, Text, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("decryptAES", Function::new(&[Str, Str], decrypt)),
    ("encryptAES", Function::new(&[Str, Str], encrypt)),
];

const BLOCK: usize = 16;

/// A cipher whose key is the password, cut or padded with zeros.
fn cipher(password: &Text) -> Aes256 {
    let mut key = [0_u8; 32];
    for (to, from) in key.iter_mut().zip(password.as_bytes()) {
        *to = *from;
    }
    Aes256::new(&key.into())
}

fn encrypt(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.bytes(1);
    if text.is_empty() {
        return Ok(Value::text(""));
    }
    caller.budget().check_bytes(text.len().saturating_mul(2))?;
    caller.budget().spend(text.len() as u64)?;
    let cipher = cipher(arguments.text(0));
    let padding = BLOCK - text.len() % BLOCK;
    let mut content = text.to_vec();
    content.resize(text.len() + padding, u8::try_from(padding).unwrap_or_default());
    let mut previous = [0_u8; BLOCK];
    let mut out = previous.to_vec();
    for chunk in content.chunks(BLOCK) {
        let mut block = Array::from(previous);
        for (to, from) in block.iter_mut().zip(chunk) {
            *to ^= from;
        }
        cipher.encrypt_block(&mut block);
        previous = block.into();
        out.extend_from_slice(&previous);
    }
    Ok(Value::unknown(Value::text(encode_base64(out)), RANDOM))
}

fn decrypt(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    if arguments.text(1).is_empty() {
        return Ok(Value::text(""));
    }
    let bytes = decode_base64(arguments.bytes(1))?;
    caller.budget().spend(bytes.len() as u64)?;
    let length = bytes.len();
    let Some((first, content)) = bytes.split_at_checked(BLOCK) else {
        return Err(
            format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {length}").into(),
        );
    };
    if content.len() % BLOCK != 0 {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let cipher = cipher(arguments.text(0));
    let mut previous = first;
    let mut out = Vec::with_capacity(content.len());
    for chunk in content.chunks(BLOCK) {
        let mut block = Array::<u8, _>::from([0_u8; BLOCK]);
        block.copy_from_slice(chunk);
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(previous).map(|(byte, mask)| byte ^ mask));
        previous = chunk;
    }
    let Some(padding) = out.last().copied() else {
        return Err("runtime error: index out of range [-1]".into());
    };
    let Some(unpadded) = out.len().checked_sub(usize::from(padding)) else {
        let end = i64::try_from(out.len()).unwrap_or_default() - i64::from(padding);
        return Err(format!("runtime error: slice bounds out of range [:{end}]").into());
    };
    out.truncate(unpadded);
    Ok(Value::text(out))
}
