#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| keyform_fuzz::json_syntax(input));
