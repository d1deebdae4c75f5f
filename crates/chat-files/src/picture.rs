//! Pictures: how large they are, and small ones of them. Decoded on threads of their own, since a picture is a program for its
//! decoder: it takes time, memory, and whoever sent it chose how much.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use chat_core::Dimensions;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use tokio::sync::oneshot;

use crate::{FilesError, FilesSettings};

/// A larger file is no picture for us: it is kept, and not looked at.
pub(crate) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The most bytes that a pixel takes while it is decoded: four channels of 16 bits.
const PIXEL_BYTES: u64 = 8;

/// How good small pictures are, of 100.
const QUALITY: u8 = 80;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The right way up.
    pub size: Dimensions,
    /// None where the picture is small itself.
    pub thumbnail: Option<Thumbnail>,
}

/// A small picture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thumbnail {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    pub size: Dimensions,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It has more pixels than are decoded.
    TooLarge,
    /// It only begins like one.
    Broken,
}

type Job = Box<dyn FnOnce() + Send>;

/// Looks at pictures. The threads end with it.
pub(crate) struct Viewer {
    queue: SyncSender<Job>,
    pixels: u64,
    small: u32,
}

impl Viewer {
    pub fn start(settings: &FilesSettings) -> Result<Viewer, FilesError> {
        let (queue, jobs) = sync_channel::<Job>(settings.image_queue.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        for index in 0..settings.image_threads.max(1) {
            let jobs = jobs.clone();
            let work = move || {
                while let Some(job) = next(&jobs) {
                    job();
                }
            };
            let started = thread::Builder::new().name(format!("picture-{index}")).spawn(work);
            started
                .map_err(|error| FilesError::Storage { detail: format!("cannot start a thread: {error}") })?;
        }
        Ok(Viewer { queue, pixels: settings.image_pixels, small: settings.thumbnail_pixels.max(1) })
    }

    /// Looks at a picture.
    ///
    /// # Errors
    /// [`FilesError::Busy`] when too many wait.
    pub async fn look(
        &self,
        bytes: Vec<u8>,
        format: ImageFormat,
    ) -> Result<Result<Picture, Flaw>, FilesError> {
        let (answer, result) = oneshot::channel();
        let (pixels, small) = (self.pixels, self.small);
        let job: Job = Box::new(move || {
            // Whoever has given up waiting is not worked for.
            if !answer.is_closed() {
                // A decoder that panics has found something that is no picture.
                let looked = catch_unwind(AssertUnwindSafe(|| look(&bytes, format, pixels, small)));
                let _ = answer.send(looked.unwrap_or(Err(Flaw::Broken)));
            }
        });
        self.queue.try_send(job).map_err(|_| FilesError::Busy)?;
        result.await.map_err(|_| FilesError::Busy)
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn look(bytes: &[u8], format: ImageFormat, pixels: u64, small: u32) -> Result<Picture, Flaw> {
    let memory = pixels.saturating_mul(PIXEL_BYTES);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(flaw)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Flaw::Broken);
    }
    // Before anything of its size is allocated.
    if u64::from(width) * u64::from(height) > pixels || decoder.total_bytes() > memory {
        return Err(Flaw::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // Of one that moves, the first picture.
    let image = DynamicImage::from_decoder(decoder).map_err(flaw)?;
    let size = match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => Dimensions { width: height, height: width },
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => Dimensions { width, height },
    };
    if width.max(height) <= small {
        return Ok(Picture { size, thumbnail: None });
    }
    let mut image = image.thumbnail(small, small);
    image.apply_orientation(orientation);
    let size_of_small = Dimensions { width: image.width(), height: image.height() };
    let mut out = Cursor::new(Vec::new());
    let media_type = if image.color().has_alpha() {
        let image = DynamicImage::from(image.to_rgba8());
        image.write_to(&mut out, ImageFormat::Png).map_err(flaw)?;
        "image/png"
    } else {
        let image = image.to_rgb8();
        JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&image).map_err(flaw)?;
        "image/jpeg"
    };
    let thumbnail = Thumbnail { bytes: out.into_inner(), media_type, size: size_of_small };
    Ok(Picture { size, thumbnail: Some(thumbnail) })
}

fn flaw(error: ImageError) -> Flaw {
    if let ImageError::Limits(_) = error { Flaw::TooLarge } else { Flaw::Broken }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn size(width: u32, height: u32) -> Dimensions {
        Dimensions { width, height }
    }

    #[test]
    fn a_large_picture_gets_a_small_one_of_the_same_shape() {
        let image = DynamicImage::from(RgbImage::from_pixel(1000, 500, Rgb([200, 10, 10])));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let image = if format == ImageFormat::Gif { image.to_rgba8().into() } else { image.clone() };
            let picture = look(&encoded(&image, format), format, 1_000_000, 400).unwrap();
            assert_eq!(picture.size, size(1000, 500), "{format:?}");
            let small = picture.thumbnail.unwrap();
            assert_eq!(small.size, size(400, 200), "{format:?}");
            let decoded = image::load_from_memory(&small.bytes).unwrap().to_rgb8();
            assert!(decoded.get_pixel(10, 10).0[0] > 150);
            assert_eq!(infer::get(&small.bytes).unwrap().mime_type(), small.media_type);
        }
        let image = DynamicImage::from(RgbaImage::from_pixel(500, 500, Rgba([1, 2, 3, 0])));
        let small = look(&encoded(&image, ImageFormat::Png), ImageFormat::Png, 1_000_000, 400).unwrap();
        assert_eq!(small.thumbnail.unwrap().media_type, "image/png", "what can be seen through stays so");
        let tiny = encoded(&RgbImage::new(3, 2).into(), ImageFormat::Png);
        let tiny = look(&tiny, ImageFormat::Png, 1000, 400).unwrap();
        assert_eq!(tiny, Picture { size: size(3, 2), thumbnail: None });
    }

    /// An EXIF segment that says which way is up (Exif 2.3, tag 0x0112).
    fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut tiff = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &tiff, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_that_lies_on_its_side_is_put_up() {
        let mut image = RgbImage::from_pixel(800, 400, Rgb([0, 0, 0]));
        // The left half is white: turned by a quarter to the right, the upper one.
        for (x, _, pixel) in image.enumerate_pixels_mut() {
            if x < 400 {
                *pixel = Rgb([255, 255, 255]);
            }
        }
        let jpeg = turned(&encoded(&image.into(), ImageFormat::Jpeg), 6);
        let picture = look(&jpeg, ImageFormat::Jpeg, 1_000_000, 200).unwrap();
        assert_eq!(picture.size, size(400, 800));
        let small = picture.thumbnail.unwrap();
        assert_eq!(small.size, size(100, 200));
        let small = image::load_from_memory(&small.bytes).unwrap().to_rgb8();
        assert!(small.get_pixel(50, 20).0[0] > 200 && small.get_pixel(50, 180).0[0] < 50);
    }

    /// A PNG whose head announces this size.
    fn png_head(width: u32, height: u32) -> Vec<u8> {
        let mut png = encoded(&RgbImage::new(1, 1).into(), ImageFormat::Png);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc(&png[12..29]).to_be_bytes();
        png[29..33].copy_from_slice(&crc);
        png
    }

    /// PNG specification, annex D.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused_by_its_head() {
        for (width, height) in [(60_000, 60_000), (1, 2_000_000_000), (2_000_000_000, 1), (1001, 1000)] {
            let png = png_head(width, height);
            assert_eq!(look(&png, ImageFormat::Png, 1_000_000, 400), Err(Flaw::TooLarge), "{width}");
        }
        let real = encoded(&RgbImage::new(1001, 1000).into(), ImageFormat::Png);
        assert!(real.len() < 50_000, "small on the wire: {}", real.len());
        assert_eq!(look(&real, ImageFormat::Png, 1_000_000, 400), Err(Flaw::TooLarge));
    }

    #[test]
    fn what_only_begins_like_a_picture_is_none() {
        let png = encoded(&RgbImage::new(50, 50).into(), ImageFormat::Png);
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            assert_eq!(look(b"GIF89a\x01\0\x01\0\0\0\0<script>", format, 1000, 400), Err(Flaw::Broken));
            assert_eq!(look(&png[..60], format, 100_000, 400), Err(Flaw::Broken), "{format:?}");
        }
    }
}
