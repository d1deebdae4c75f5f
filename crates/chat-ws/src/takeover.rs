//! Taking a connection over from actix-http once its handshake is answered.
//!
//! actix-http keeps two buffers of 8 KiB and its own state for each connection as long as it lives, and copies what is
//! written once more. Its upgrade service gets the request and the stream instead: here the application answers the
//! request, with all its middleware, routing and authentication; when the answer is a WebSocket of ours, the stream goes to
//! a small task, and everything that actix-http held is freed.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;

use actix_codec::Framed;
use actix_http::body::{BodySize, MessageBody};
use actix_http::h1::{Codec, Message};
use actix_http::{ConnectionType, Request, Response, StatusCode};
use actix_service::{IntoServiceFactory, fn_factory, fn_service, map_config};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceResponse};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use bytes::BytesMut;
use futures_util::SinkExt;
use tokio::net::TcpStream;

use crate::closing::End;
use crate::connection::{Connection, Pings};
use crate::socket::mounted::{Body, Messages, Response as Mounted};
use crate::socket::taken::Frames;
use crate::socket::{Reader, Socket};
use crate::task::{Protocol, run};
use crate::wire::Wire;
use crate::worker::{Open, Seat};

/// What goes on with a stream once the handshake is written.
type Start = Box<dyn FnOnce(TcpStream, BytesMut)>;

/// Stands in a request whose connection can be taken over, for the handler to leave there what goes on with it.
#[derive(Clone, Default)]
struct Offer(Rc<RefCell<Option<Start>>>);

/// Answers a handshake, and leaves the connection to a task of its own, in whichever way it is served.
pub(crate) fn accept<P: Protocol + 'static>(
    req: &HttpRequest,
    payload: web::Payload,
    seat: &Seat,
    protocols: &[&str],
    wire: Wire,
    pings: Pings,
    begin: impl AsyncFnOnce(&Rc<Connection>, &mut Reader) -> Result<P, End> + 'static,
) -> Result<HttpResponse, Error> {
    let (response, session, stream) = actix_ws::handle_with_protocols(req, payload, protocols)?;
    // Nothing is ever written through it.
    drop(session);
    let Some(open) = Open::count(&seat.sockets) else {
        return Ok(HttpResponse::ServiceUnavailable().body("too many connections: see limits.connections"));
    };
    let (worker, limit) = (seat.worker().clone(), seat.sockets.settings().frame_bytes);
    let start = move |socket, reader| {
        let connection = Connection::open(&worker, socket, wire, pings, open);
        actix_web::rt::spawn(run(connection, reader, begin));
    };
    let offer = req.extensions().get::<Offer>().cloned();
    let Some(Offer(offer)) = offer else {
        let mounted = Rc::new(Mounted::default());
        let stream = stream.max_frame_size(limit).aggregate_continuations().max_continuation_size(limit);
        let messages = Messages::new(stream, mounted.clone());
        start(Socket::Mounted(mounted.clone()), Reader::Mounted(Box::new(messages)));
        return Ok(response.map_body(|_, inner| BoxBody::new(Body::new(inner, mounted))));
    };
    *offer.borrow_mut() = Some(Box::new(move |stream, unread| {
        start(Socket::Taken(stream), Reader::Taken(Frames::new(unread, limit)));
    }));
    Ok(response.map_body(|_, _| BoxBody::new(())))
}

/// The upgrade service of `actix_http::HttpService`: give it the application that the service has, and the sockets of
/// that application cost next to nothing. `examples/taken_over.rs` is a whole server.
pub fn takeover<F, S, B>(
    app: F,
) -> impl ServiceFactory<
    (Request, Framed<TcpStream, Codec>),
    Config = (),
    Response = (),
    Error = Error,
    InitError = (),
>
where
    F: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    let app = map_config(app, |()| AppConfig::default());
    fn_factory(move || {
        let app = app.new_service(());
        async move {
            let app = Rc::new(app.await?);
            Ok(fn_service(move |(req, framed)| serve(app.clone(), req, framed)))
        }
    })
}

async fn serve<A, B>(app: Rc<A>, req: Request, mut framed: Framed<TcpStream, Codec>) -> Result<(), Error>
where
    A: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let offer = Offer::default();
    req.extensions_mut().insert(offer.clone());
    let response = match app.call(req).await {
        Ok(response) => Response::from(response).map_body(|_, body| body.boxed()),
        Err(error) => HttpResponse::from_error(error).into(),
    };
    let start = offer.0.borrow_mut().take().filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
    let (head, body) = response.into_parts();
    let Some(start) = start else {
        return Ok(refuse(framed, head, body).await?);
    };
    framed.send(Message::Item((head, BodySize::None))).await?;
    let parts = framed.into_parts();
    start(parts.io, parts.read_buf);
    Ok(())
}

/// Writes an answer that is no WebSocket, and closes the connection: what handles further requests on it is gone.
async fn refuse(
    mut framed: Framed<TcpStream, Codec>,
    mut head: Response<()>,
    body: impl MessageBody,
) -> std::io::Result<()> {
    head.head_mut().set_connection_type(ConnectionType::Close);
    framed.send(Message::Item((head, body.size()))).await?;
    let mut body = std::pin::pin!(body);
    while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        let chunk = chunk.map_err(|error| std::io::Error::other(error.into().to_string()))?;
        framed.send(Message::Chunk(Some(chunk))).await?;
    }
    framed.send(Message::Chunk(None)).await?;
    framed.close().await
}
