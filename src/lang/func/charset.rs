//! Text in other character encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::encoding::decode_base64;
use super::{Args, FuncError};
use crate::value::Value;

/// The encodings known.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16Little,
    /// Big-endian, with a byte order mark that may say otherwise.
    Utf16,
    Utf16Big,
    Latin1,
    Windows1252,
    Ascii,
}

impl Charset {
    fn named(args: &Args<'_>, at: usize) -> Result<Self, FuncError> {
        let name = args.text(at)?;
        Ok(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "csutf8" => Self::Utf8,
            "utf-16le" | "csutf16le" => Self::Utf16Little,
            "utf-16be" | "csutf16be" => Self::Utf16Big,
            "utf-16" | "csutf16" => Self::Utf16,
            "iso-8859-1" | "iso_8859-1" | "latin1" | "l1" | "iso-ir-100" | "cp819" | "ibm819" => Self::Latin1,
            "windows-1252" | "cswindows1252" => Self::Windows1252,
            "us-ascii" | "ascii" | "iso646-us" => Self::Ascii,
            _ => {
                return Err(FuncError::argument(
                    at,
                    format!(
                        "{} is not a supported IANA encoding name or alias in this version",
                        crate::addr::quote(name)
                    ),
                ));
            }
        })
    }

    fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf16Little => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Utf16Big => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Utf16 => Some(
                format!("\u{feff}{text}")
                    .encode_utf16()
                    .flat_map(u16::to_be_bytes)
                    .collect(),
            ),
            Self::Latin1 => text
                .chars()
                .map(|letter| u8::try_from(u32::from(letter)).ok())
                .collect(),
            Self::Ascii => text
                .chars()
                .map(|letter| letter.is_ascii().then_some(letter as u8))
                .collect(),
            Self::Windows1252 => text.chars().map(to_windows).collect(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Utf16Little => utf16(bytes, u16::from_le_bytes),
            Self::Utf16Big => utf16(bytes, u16::from_be_bytes),
            Self::Utf16 => match bytes {
                [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
                _ => utf16(bytes, u16::from_be_bytes),
            },
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Ascii => bytes
                .is_ascii()
                .then(|| bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Windows1252 => Some(bytes.iter().map(|byte| from_windows(*byte)).collect()),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok()
}

/// Bytes 0x80 to 0x9f of windows-1252; the holes are control characters.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn from_windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

fn to_windows(letter: char) -> Option<u8> {
    if let Some(place) = WINDOWS.iter().position(|known| *known == letter) {
        return u8::try_from(place + 0x80).ok();
    }
    u8::try_from(u32::from(letter))
        .ok()
        .filter(|byte| !(0x80..=0x9f).contains(byte))
}

/// `textencodebase64`
pub(super) fn textencodebase64(args: &Args<'_>) -> Result<Value, FuncError> {
    let charset = Charset::named(args, 1)?;
    let text = args.text(0)?;
    args.spend_text(text.len().saturating_mul(4))?;
    let bytes = charset.encode(text).ok_or_else(|| {
        FuncError::argument(
            0,
            format!(
                "the given string contains characters that cannot be represented in {}",
                args.text(1).unwrap_or_default()
            ),
        )
    })?;
    Ok(STANDARD.encode(bytes).into())
}

/// `textdecodebase64`
pub(super) fn textdecodebase64(args: &Args<'_>) -> Result<Value, FuncError> {
    let charset = Charset::named(args, 1)?;
    let bytes = decode_base64(args.text(0)?)
        .map_err(|_| FuncError::argument(0, "the given value is not valid base64"))?;
    args.spend_text(bytes.len().saturating_mul(3))?;
    let text = charset.decode(&bytes).ok_or_else(|| {
        FuncError::argument(
            0,
            format!(
                "the given string contains symbols that are not defined for {}",
                args.text(1).unwrap_or_default()
            ),
        )
    })?;
    Ok(text.into())
}
