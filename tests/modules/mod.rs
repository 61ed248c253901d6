//! Modules that are no local folders: installed by `init`, and shared with terraform through its index.

mod archives;
mod git;
mod registry;

use std::io::{Cursor, Write as _};

const INDEX: &str = ".terraform/modules/modules.json";

/// Files of modules in an archive: their names and what their output `from` says.
const FILES: [(&str, &str); 2] = [("top/main.tf", "top"), ("top/sub/main.tf", "sub")];

fn module(says: &str) -> String {
    format!("output \"from\" {{\n  value = \"{says}\"\n}}\n")
}

/// A zip file with these modules.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, says) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        archive.write_all(module(says).as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The same, as a compressed tar file.
fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(compressed);
    for (name, says) in files {
        let text = module(says);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}
