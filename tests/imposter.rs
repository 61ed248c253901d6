//! Servers that are no cloud.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

/// A server that answers everything with these bytes, over and over if asked.
pub fn imposter(answer: Vec<u8>, times: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            // The head, and then some: what matters is that the client got rid of its request.
            while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            for _ in 0..times {
                if stream.write_all(&answer).is_err() {
                    break;
                }
            }
        }
    });
    address
}

/// An answer with a length.
pub fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// A server that answers each request by its head.
pub fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut piece = [0; 4096];
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            drop(stream.write_all(&answer(&String::from_utf8_lossy(&head))));
        }
    });
    address
}
