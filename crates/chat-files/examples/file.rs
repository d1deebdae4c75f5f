//! A file in, in two pieces, and out again over a link.

use chat_core::{FileLinks, UserId, Variant};
use chat_db::{Db, DbSettings};
use chat_files::{Files, FilesSettings, Storage};
use futures_util::{TryStreamExt, stream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let url = format!("sqlite:{}", directory.path().join("files.db").display());
    let db = Db::open(&DbSettings::new(url.parse()?))?;
    let storage = Storage::disk(&directory.path().join("uploads"))?;
    let files = Files::open(db, storage, &[7; 32], FilesSettings::default())?;

    let ann = UserId::new(1)?;
    let bytes = |text: &'static str| stream::iter([Ok::<_, std::io::Error>(text.into())]);
    let upload = files.create(ann, "tea.txt", 12).await?;
    let upload = files.receive(ann, upload.id, 0, bytes("Is it ")).await?;
    let upload = files.receive(ann, upload.id, upload.offset, bytes("ready?")).await?;
    println!("{:?}", upload.attachment);

    let link = files.link(upload.id, Variant::Original).ok_or("no link")?;
    let found = files.download(link.url.trim_start_matches("/files/")).await?;
    let pieces: Vec<_> = files.read(&found, 0..found.size).try_collect().await?;
    println!("{} → {:?}", link.url, pieces.concat());
    Ok(())
}
