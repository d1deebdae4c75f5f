//! What a file is, found in its bytes.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

use super::*;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(width, height)).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn world() -> World {
    World::with(FilesSettings { image_pixels: 1_000_000, ..FilesSettings::default() })
}

#[tokio::test]
async fn a_picture_has_its_size_and_a_small_one() {
    let world = world();
    let bytes = png(800, 400);
    let done = world.put(1, "a.png", &bytes).await.unwrap().attachment.unwrap();
    assert_eq!((done.media_type.as_str(), done.size), ("image/png", bytes.len() as u64));
    assert_eq!(done.picture, Some(Dimensions { width: 800, height: 400 }));
    assert_eq!(done.thumbnail, Some(Dimensions { width: 400, height: 200 }));
    let small = world.get(done.id, Variant::Thumbnail).await.unwrap();
    let small = image::load_from_memory(&small).unwrap();
    assert_eq!((small.width(), small.height()), (400, 200));
    assert_eq!(world.get(done.id, Variant::Original).await.unwrap(), bytes);
    let tiny = world.put(1, "a.png", &png(10, 10)).await.unwrap().attachment.unwrap();
    assert_eq!(tiny.thumbnail, None);
    assert_eq!(world.get(tiny.id, Variant::Thumbnail).await, Err(FilesError::NotFound));
}

#[tokio::test]
async fn a_file_that_lies_is_called_what_it_is_and_shown_by_no_browser() {
    let world = world();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0<script>alert(1)</script>".as_slice();
    for (name, bytes, found) in [
        ("a.png", b"<!DOCTYPE html><script>alert(1)</script>".as_slice(), "text/html"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("a.gif", gif, "application/octet-stream"),
        ("a.png", &png(10, 10)[..40], "application/octet-stream"),
        ("a.png", b"alert(1)", "text/plain"),
        ("a.exe", b"%PDF-1.7 ", "application/pdf"),
    ] {
        let done = world.put(1, name, bytes).await.unwrap().attachment.unwrap();
        assert_eq!((done.media_type.as_str(), done.picture), (found, None), "{name}");
        let link = world.files.link(done.id, Variant::Original).unwrap().url;
        let download = world.files.download(link.strip_prefix("/files/").unwrap()).await.unwrap();
        assert!(!download.inline, "{found}");
    }
    // A real picture with something behind it is one, and shown as one.
    let polyglot = [png(10, 10), b"<script>alert(1)</script>".to_vec()].concat();
    let done = world.put(1, "a.html", &polyglot).await.unwrap().attachment.unwrap();
    assert_eq!(done.media_type, "image/png");
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_refused_with_all_that_came_of_it() {
    let world = world();
    let bomb = png(5000, 5000);
    assert!(bomb.len() < 500_000, "25 million pixels in {} bytes", bomb.len());
    assert_eq!(world.put(1, "a.png", &bomb).await, Err(FilesError::PictureTooLarge { limit: 1_000_000 }));
    assert_eq!(world.storage.count().await.unwrap(), 0);
}

#[tokio::test]
async fn types_are_allowed_and_denied_by_what_the_bytes_are() {
    let pattern = |text: &str| vec![text.parse().unwrap()];
    let settings =
        FilesSettings { allow: pattern("image/*"), deny: pattern("image/gif"), ..FilesSettings::default() };
    let world = World::with(settings);
    world.put(1, "a.txt", &png(1, 1)).await.unwrap();
    let refused = |found: &str| Err(FilesError::TypeNotAllowed { found: found.to_owned() });
    let count = world.storage.count().await.unwrap();
    assert_eq!(world.put(1, "a.png", b"text").await, refused("text/plain"));
    assert_eq!(world.put(1, "a.png", b"GIF89a...").await, refused("image/gif"));
    assert_eq!(world.put(1, "a.png", &png(9, 9)[..40]).await, refused("application/octet-stream"));
    assert_eq!(world.storage.count().await.unwrap(), count, "nothing is left of them");
}

#[tokio::test]
async fn a_file_that_nobody_looked_at_before_a_stop_is_looked_at_when_it_is_asked_for() {
    let world = World::new();
    let id = world.put(1, "a.txt", b"words").await.unwrap().id;
    world.run(&format!("UPDATE uploads SET media_type = NULL WHERE id = '{id}'")).await;
    let done = world.another().upload(user(1), id).await.unwrap();
    assert_eq!(done.attachment.unwrap().media_type, "text/plain");
}
