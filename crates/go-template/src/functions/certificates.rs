//! Keys and certificates. They are random: placeholders have their form and about their length.

use super::convert::sprint;
use super::encoding::{decode_base64, encode_base64};
use super::result::{RANDOM, Result};
use crate::Type::{Int, List, Object as Named, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, Object, Text, Value};

const CERTIFICATE: &str = "sprig.certificate";

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("buildCustomCert", Function::new(&[Str, Str], build_custom_cert)),
    (
        "genCA",
        Function::new(&[Str, Int], |_, _| Ok(certificate(key("RSA PRIVATE KEY")))),
    ),
    (
        "genCAWithKey",
        Function::new(&[Str, Int, Str], |_, a| Ok(certificate(given_key(a, 2)?))),
    ),
    ("genPrivateKey", Function::new(&[Str], gen_private_key)),
    (
        "genSelfSignedCert",
        Function::new(&[Str, List, List, Int], |c, a| {
            check_names(c, a)?;
            Ok(certificate(key("RSA PRIVATE KEY")))
        }),
    ),
    (
        "genSelfSignedCertWithKey",
        Function::new(&[Str, List, List, Int, Str], |c, a| {
            let key = given_key(a, 4)?;
            check_names(c, a)?;
            Ok(certificate(key))
        }),
    ),
    (
        "genSignedCert",
        Function::new(&[Str, List, List, Int, Named(CERTIFICATE)], |c, a| {
            check_signer(a.any(4))?;
            check_names(c, a)?;
            Ok(certificate(key("RSA PRIVATE KEY")))
        }),
    ),
    (
        "genSignedCertWithKey",
        Function::new(&[Str, List, List, Int, Named(CERTIFICATE), Str], |c, a| {
            let key = given_key(a, 5)?;
            check_signer(a.any(4))?;
            check_names(c, a)?;
            Ok(certificate(key))
        }),
    ),
];

/// A certificate and its key.
#[derive(Debug)]
struct Certificate {
    cert: Value,
    key: Value,
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        CERTIFICATE
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", self.cert.clone()), ("Key", self.key.clone())]
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn certificate(key: Value) -> Value {
    let cert = Value::unknown(Value::text(pem("CERTIFICATE", 790)), RANDOM);
    Value::object(Certificate { cert, key })
}

/// The private key in an argument.
fn given_key(arguments: Arguments<'_>, index: usize) -> Result {
    check_key(arguments.text(index)).map_err(|error| format!("parsing private key: {error}"))?;
    Ok(arguments.any(index).clone())
}

fn key(label: &str) -> Value {
    Value::unknown(Value::text(pem(label, 1190)), RANDOM)
}

/// A PEM block of zeros.
fn pem(label: &str, bytes: usize) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in encode_base64(vec![0; bytes]).as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

fn gen_private_key(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = match &*arguments.text(0).to_str() {
        "" | "rsa" => pem("RSA PRIVATE KEY", 2349),
        "dsa" => pem("DSA PRIVATE KEY", 845),
        "ecdsa" => pem("EC PRIVATE KEY", 121),
        "ed25519" => pem("PRIVATE KEY", 48),
        other => return Ok(Value::text(format!("Unknown type {other}"))),
    };
    Ok(Value::unknown(Value::text(text), RANDOM))
}

/// The label of the first PEM block.
fn pem_label(text: &Text) -> Option<String> {
    let text = text.to_str();
    let start = if text.starts_with("-----BEGIN ") {
        0
    } else {
        text.find("\n-----BEGIN ")? + 1
    };
    let (label, rest) = text.get(start + 11..)?.split_once("-----")?;
    rest.contains(&format!("-----END {label}-----"))
        .then(|| label.to_owned())
}

fn check_key(text: &Text) -> std::result::Result<(), String> {
    let Some(label) = pem_label(text) else {
        return Err("no PEM data in input".into());
    };
    if label == "PRIVATE KEY" {
        return Ok(());
    }
    match label.strip_suffix(" PRIVATE KEY") {
        None => Err(format!("no private key data in PEM block of type {label}")),
        Some("RSA" | "EC" | "DSA") => Ok(()),
        Some(other) => Err(format!("invalid private key type {other}")),
    }
}

fn check_signer(value: &Value) -> Result<()> {
    let Some(signer) = value.downcast::<Certificate>() else {
        return Ok(());
    };
    let text = |value: &Value| match &value.kind {
        Kind::Text(text) => text.clone(),
        _ => Text::from(""),
    };
    if pem_label(&text(&signer.cert)).is_none() {
        return Err("unable to decode certificate".into());
    }
    check_key(&text(&signer.key))
        .map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))
}

/// Checks the IP addresses and DNS names of a certificate, the second and third argument.
fn check_names(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result<()> {
    for address in arguments.list(1).items() {
        let text = text_of(caller, address, "error parsing ip")?;
        // Go accepts no zones here.
        let is_address = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
        if !text.as_str().is_some_and(is_address) {
            return Err(format!("error parsing ip: {text}").into());
        }
    }
    for name in arguments.list(2).items() {
        text_of(caller, name, "error processing alternate dns name")?;
    }
    Ok(())
}

fn text_of<'v>(caller: &mut dyn Caller<'_>, value: &'v Value, context: &str) -> Result<&'v Text> {
    match &value.kind {
        Kind::Text(text) => Ok(text),
        _ => Err(format!("{context}: {} is not a string", sprint(caller, value)?).into()),
    }
}

/// A certificate given by the caller. The content of the PEM blocks is not checked.
fn build_custom_cert(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let decode = |index: usize, what: &str| {
        decode_base64(arguments.bytes(index))
            .map(Text::from)
            .map_err(|_| FunctionError::new(format!("unable to decode base64 {what}")))
    };
    let cert = decode(0, "certificate")?;
    let key = decode(1, "private key")?;
    if pem_label(&cert).is_none() {
        return Err("unable to decode certificate".into());
    }
    check_key(&key).map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))?;
    Ok(Value::object(Certificate {
        cert: Value::text(cert).with_mark_of(arguments.any(0)),
        key: Value::text(key).with_mark_of(arguments.any(1)),
    }))
}
