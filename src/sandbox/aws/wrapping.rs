//! How imported material is wrapped for the way: RSA-OAEP, alone or around a key of AES with padding (RFC 5649).

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{Array, BlockCipherDecrypt, KeyInit, consts::U16};
use rsa::sha2::digest::consts::U20;
use rsa::sha2::digest::{FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update};
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, RsaPrivateKey};
use sha1::Digest as _;

/// Every way that the model knows, whether it is emulated or not.
pub const ALGORITHMS: &[&str] = &[
    "RSAES_PKCS1_V1_5",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "SM2PKE",
];

/// The wrapping keys that the model knows.
pub const SPECS: &[&str] = &["RSA_2048", "RSA_3072", "RSA_4096", "SM2"];

/// What makes an AES key that wraps with padding out of its first eight bytes.
const MARK: [u8; 4] = [0xa6, 0x59, 0x59, 0xa6];

/// How many bits a wrapping key has; none where the way with it is not emulated.
pub fn bits(algorithm: &str, spec: &str) -> Option<usize> {
    if !algorithm.starts_with("RSAES_OAEP_") && !algorithm.starts_with("RSA_AES_KEY_WRAP_") {
        return None;
    }
    match spec {
        "RSA_2048" => Some(2048),
        "RSA_3072" => Some(3072),
        "RSA_4096" => Some(4096),
        _ => None,
    }
}

/// The material that was wrapped; none where it was wrapped otherwise.
pub fn unwrap(private: &RsaPrivateKey, algorithm: &str, wrapped: &[u8]) -> Option<Vec<u8>> {
    let padding = || {
        if algorithm.ends_with("SHA_1") {
            Oaep::new::<Sha1>()
        } else {
            Oaep::new::<rsa::sha2::Sha256>()
        }
    };
    if algorithm.starts_with("RSAES_OAEP_") {
        return private.decrypt(padding(), wrapped).ok();
    }
    let (key, material) = wrapped.split_at_checked(private.size())?;
    let key = private.decrypt(padding(), key).ok()?;
    padded(&Aes256::new_from_slice(&key).ok()?, material)
}

/// What a key of AES wraps with padding.
fn padded(cipher: &impl BlockCipherDecrypt<BlockSize = U16>, wrapped: &[u8]) -> Option<Vec<u8>> {
    let (blocks, rest) = wrapped.as_chunks::<8>();
    let (mut head, mut blocks) = match (blocks, rest) {
        ([head, blocks @ ..], []) if !blocks.is_empty() => (*head, blocks.to_vec()),
        _ => return None,
    };
    if let [one] = &mut blocks[..] {
        (head, *one) = decrypted(cipher, head, *one);
    } else {
        let count = blocks.len();
        for step in (1..=6 * count).rev() {
            let at = (step - 1) % count;
            let turned = u64::from_be_bytes(head) ^ step as u64;
            (head, blocks[at]) = decrypted(cipher, turned.to_be_bytes(), blocks[at]);
        }
    }
    let plain = blocks.concat();
    let (mark, length) = head.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
    let fits = length <= plain.len() && length + 8 > plain.len();
    let is_ours = *mark == MARK && fits && plain[length..].iter().all(|byte| *byte == 0);
    is_ours.then(|| plain[..length].to_vec())
}

/// One block of the cipher, in halves.
fn decrypted(
    cipher: &impl BlockCipherDecrypt<BlockSize = U16>,
    left: [u8; 8],
    right: [u8; 8],
) -> ([u8; 8], [u8; 8]) {
    let mut block = Array::<u8, U16>::default();
    block[..8].copy_from_slice(&left);
    block[8..].copy_from_slice(&right);
    cipher.decrypt_block(&mut block);
    let half = |at: usize| std::array::from_fn(|i| block[at + i]);
    (half(0), half(8))
}

/// SHA-1 as the RSA library wants its hashes: it is of an older generation than ours.
#[derive(Clone, Default)]
struct Sha1(sha1::Sha1);

impl HashMarker for Sha1 {}

impl OutputSizeUser for Sha1 {
    type OutputSize = U20;
}

impl Update for Sha1 {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

impl FixedOutput for Sha1 {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(&self.0.finalize());
    }
}

impl Reset for Sha1 {
    fn reset(&mut self) {
        self.0 = sha1::Sha1::default();
    }
}

impl FixedOutputReset for Sha1 {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        out.copy_from_slice(&self.0.finalize_reset());
    }
}

#[cfg(test)]
mod tests {
    use aes_gcm::aes::Aes192;

    use super::*;

    /// The key of the examples of RFC 5649.
    const KEY: &str = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";

    #[track_caller]
    fn check(wrapped: &str, expected: Option<&str>) {
        let cipher = Aes192::new_from_slice(&hex::decode(KEY).unwrap()).unwrap();
        let found = padded(&cipher, &hex::decode(wrapped).unwrap());
        assert_eq!(found.map(hex::encode).as_deref(), expected);
    }

    #[test]
    fn the_documented_examples_are_unwrapped() {
        let twenty = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a";
        check(twenty, Some("c37b7e6492584340bed12207808941155068f738"));
        check("afbeb0f07dfbf5419200f2ccb50bb24f", Some("466f7250617369"));
    }

    #[test]
    fn whatever_else_is_refused() {
        check("", None);
        check("afbeb0f07dfbf541", None);
        check("afbeb0f07dfbf5419200f2ccb50bb24e", None);
        check("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a", None);
        check("afbeb0f07dfbf5419200f2ccb50bb24f00", None);
    }

    #[test]
    fn both_hashes_serve() {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
        let public = private.to_public_key();
        let mut random = rsa::rand_core::OsRng;
        let one = public.encrypt(&mut random, Oaep::new::<Sha1>(), b"m").unwrap();
        let other = public
            .encrypt(&mut random, Oaep::new::<rsa::sha2::Sha256>(), b"m")
            .unwrap();
        let found = |algorithm: &str, wrapped: &[u8]| unwrap(&private, algorithm, wrapped);
        assert_eq!(found("RSAES_OAEP_SHA_1", &one).as_deref(), Some(&b"m"[..]));
        assert_eq!(found("RSAES_OAEP_SHA_256", &other).as_deref(), Some(&b"m"[..]));
        assert_eq!(found("RSAES_OAEP_SHA_1", &other), None);
        assert_eq!(found("RSA_AES_KEY_WRAP_SHA_1", &one), None);
        assert_eq!(found("RSA_AES_KEY_WRAP_SHA_1", &one[1..]), None);
    }
}
