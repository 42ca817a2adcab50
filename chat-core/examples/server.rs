//! A chat server in a program of one's own: `cargo run --example server`, then `nc localhost 5000`.

use std::error::Error;
use std::net::TcpListener;

use chat_core::{Line, Room, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:5000".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let server = Server::new(Room::new("lobby")?).serve(listener, |_peer| Line::default())?;
    server.join();
    Ok(())
}
