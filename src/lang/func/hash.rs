//! Checksums of text and files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Digest as _;

use super::file::read;
use super::{Args, Func, FuncError, Kind, Param, text};
use crate::value::Value;

const STR: &[Param] = &[text("str")];
const PATH: &[Param] = &[text("path")];

const fn on(name: &'static str, params: &'static [Param], about: &'static str, call: super::Call) -> Func {
    Func {
        name,
        params,
        variadic: None,
        returns: Kind::String,
        about,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on("md5", STR, "The MD5 checksum in hexadecimal.", |args| {
        of_text(args, |bytes| hex::encode(md5::Md5::digest(bytes)))
    }),
    on("sha1", STR, "The SHA-1 checksum in hexadecimal.", |args| {
        of_text(args, |bytes| hex::encode(sha1::Sha1::digest(bytes)))
    }),
    on("sha256", STR, "The SHA-256 checksum in hexadecimal.", |args| {
        of_text(args, |bytes| hex::encode(sha2::Sha256::digest(bytes)))
    }),
    on("sha512", STR, "The SHA-512 checksum in hexadecimal.", |args| {
        of_text(args, |bytes| hex::encode(sha2::Sha512::digest(bytes)))
    }),
    on("base64sha256", STR, "The SHA-256 checksum in Base64.", |args| {
        of_text(args, |bytes| STANDARD.encode(sha2::Sha256::digest(bytes)))
    }),
    on("base64sha512", STR, "The SHA-512 checksum in Base64.", |args| {
        of_text(args, |bytes| STANDARD.encode(sha2::Sha512::digest(bytes)))
    }),
    on(
        "filemd5",
        PATH,
        "The MD5 checksum of a file in hexadecimal.",
        |args| of_file(args, |bytes| hex::encode(md5::Md5::digest(bytes))),
    ),
    on(
        "filesha1",
        PATH,
        "The SHA-1 checksum of a file in hexadecimal.",
        |args| of_file(args, |bytes| hex::encode(sha1::Sha1::digest(bytes))),
    ),
    on(
        "filesha256",
        PATH,
        "The SHA-256 checksum of a file in hexadecimal.",
        |args| of_file(args, |bytes| hex::encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "filesha512",
        PATH,
        "The SHA-512 checksum of a file in hexadecimal.",
        |args| of_file(args, |bytes| hex::encode(sha2::Sha512::digest(bytes))),
    ),
    on(
        "filebase64sha256",
        PATH,
        "The SHA-256 checksum of a file in Base64.",
        |args| of_file(args, |bytes| STANDARD.encode(sha2::Sha256::digest(bytes))),
    ),
    on(
        "filebase64sha512",
        PATH,
        "The SHA-512 checksum of a file in Base64.",
        |args| of_file(args, |bytes| STANDARD.encode(sha2::Sha512::digest(bytes))),
    ),
];

fn of_text(args: &Args<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FuncError> {
    Ok(digest(args.text(0)?.as_bytes()).into())
}

fn of_file(args: &Args<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FuncError> {
    Ok(digest(&read(args, 0)?).into())
}
