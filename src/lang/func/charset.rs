//! Text in other character encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, WINDOWS_1254};

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
    /// ISO-8859-9: Windows-1254 with control characters in place of what Windows added.
    Latin5,
    Ascii,
    /// An encoding that the web knows, under a name of IANA's.
    Web(&'static Encoding),
}

/// What the web calls an encoding, and the other names that IANA has for it, in lower case.
const WEB: [(&str, &[&str]); 37] = [
    ("shift_jis", &["ms_kanji", "csshiftjis"]),
    (
        "euc-jp",
        &[
            "cseucpkdfmtjapanese",
            "extended_unix_code_packed_format_for_japanese",
        ],
    ),
    ("iso-2022-jp", &["csiso2022jp"]),
    ("euc-kr", &["cseuckr"]),
    ("gbk", &["cp936", "ms936", "windows-936", "csgbk"]),
    ("gb18030", &["csgb18030"]),
    ("big5", &["csbig5"]),
    ("koi8-r", &["cskoi8r"]),
    ("koi8-u", &["cskoi8u"]),
    ("macintosh", &["mac", "csmacintosh"]),
    ("ibm866", &["cp866", "866", "csibm866"]),
    ("windows-874", &["cswindows874"]),
    ("windows-1250", &["cswindows1250"]),
    ("windows-1251", &["cswindows1251"]),
    ("windows-1252", &["cswindows1252"]),
    ("windows-1253", &["cswindows1253"]),
    ("windows-1254", &["cswindows1254"]),
    ("windows-1255", &["cswindows1255"]),
    ("windows-1256", &["cswindows1256"]),
    ("windows-1257", &["cswindows1257"]),
    ("windows-1258", &["cswindows1258"]),
    (
        "iso-8859-2",
        &[
            "iso_8859-2",
            "iso_8859-2:1987",
            "iso-ir-101",
            "latin2",
            "l2",
            "csisolatin2",
        ],
    ),
    (
        "iso-8859-3",
        &[
            "iso_8859-3",
            "iso_8859-3:1988",
            "iso-ir-109",
            "latin3",
            "l3",
            "csisolatin3",
        ],
    ),
    (
        "iso-8859-4",
        &[
            "iso_8859-4",
            "iso_8859-4:1988",
            "iso-ir-110",
            "latin4",
            "l4",
            "csisolatin4",
        ],
    ),
    (
        "iso-8859-5",
        &[
            "iso_8859-5",
            "iso_8859-5:1988",
            "iso-ir-144",
            "cyrillic",
            "csisolatincyrillic",
        ],
    ),
    (
        "iso-8859-6",
        &[
            "iso_8859-6",
            "iso_8859-6:1987",
            "iso-ir-127",
            "arabic",
            "csisolatinarabic",
            "ecma-114",
            "asmo-708",
        ],
    ),
    ("iso-8859-6-e", &["iso_8859-6-e", "csiso88596e"]),
    ("iso-8859-6-i", &["iso_8859-6-i", "csiso88596i"]),
    (
        "iso-8859-7",
        &[
            "iso_8859-7",
            "iso_8859-7:1987",
            "iso-ir-126",
            "greek",
            "greek8",
            "csisolatingreek",
            "elot_928",
            "ecma-118",
        ],
    ),
    (
        "iso-8859-8",
        &[
            "iso_8859-8",
            "iso_8859-8:1988",
            "iso-ir-138",
            "hebrew",
            "csisolatinhebrew",
        ],
    ),
    ("iso-8859-8-e", &["iso_8859-8-e", "csiso88598e"]),
    ("iso-8859-8-i", &["iso_8859-8-i", "csiso88598i"]),
    ("iso-8859-10", &["iso-ir-157", "latin6", "l6", "csisolatin6"]),
    ("iso-8859-13", &["csiso885913"]),
    (
        "iso-8859-14",
        &[
            "iso_8859-14",
            "iso_8859-14:1998",
            "iso-ir-199",
            "latin8",
            "l8",
            "iso-celtic",
            "csiso885914",
        ],
    ),
    ("iso-8859-15", &["iso_8859-15", "latin-9", "csiso885915"]),
    (
        "iso-8859-16",
        &[
            "iso_8859-16",
            "iso_8859-16:2001",
            "iso-ir-226",
            "latin10",
            "l10",
            "csiso885916",
        ],
    ),
];

/// An encoding by a name of IANA's, in lower case.
fn web(name: &str) -> Option<&'static Encoding> {
    let known = |(first, others): &&(&str, &[&str])| *first == name || others.contains(&name);
    let (first, _) = WEB.iter().find(known)?;
    Encoding::for_label(first.as_bytes())
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
            "us-ascii" | "ascii" | "iso646-us" => Self::Ascii,
            "iso-8859-9" | "iso_8859-9" | "iso_8859-9:1989" | "latin5" | "l5" | "iso-ir-148"
            | "csisolatin5" => Self::Latin5,
            known => {
                if let Some(encoding) = web(known) {
                    return Ok(Self::Web(encoding));
                }
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
            Self::Latin5 => text.chars().map(to_latin5).collect(),
            Self::Web(encoding) => {
                let (bytes, _, has_unmappable) = encoding.encode(text);
                (!has_unmappable && !has_holes(encoding, text)).then(|| bytes.into_owned())
            }
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
            Self::Latin5 => bytes.iter().map(|byte| from_latin5(*byte)).collect(),
            Self::Web(encoding) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
                (!has_holes(encoding, &text)).then(|| text.into_owned())
            }
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

/// Whether the text has something that only the web finds in an encoding: control characters where single bytes
/// mean nothing, and signs that some write in place of ASCII's.
fn has_holes(encoding: &'static Encoding, text: &str) -> bool {
    let is_japanese = encoding == SHIFT_JIS || encoding == EUC_JP || encoding == ISO_2022_JP;
    text.contains(|letter| match letter {
        '\u{80}'..='\u{9f}' => encoding.is_single_byte(),
        '\u{a5}' | '\u{203e}' => is_japanese,
        _ => false,
    })
}

fn from_latin5(byte: u8) -> Option<char> {
    if matches!(byte, 0x80..=0x9f) {
        return Some(char::from(byte));
    }
    let text =
        WINDOWS_1254.decode_without_bom_handling_and_without_replacement(std::slice::from_ref(&byte))?;
    text.chars().next()
}

fn to_latin5(letter: char) -> Option<u8> {
    (0..=u8::MAX).find(|byte| from_latin5(*byte) == Some(letter))
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
