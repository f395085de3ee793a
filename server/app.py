"""The one place where the server's parts are made and put together, and where they live and end."""

import asyncio
import contextlib
import gc
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import msgspec
import structlog
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import Route

from contract.errors import Refusal
from contract.frames import Frame
from contract.ids import new_id
from contract.moments import to_text
from contract.workflow import Workflow
from contract.workflow_file import check_workflows, load_workflow
from server.access.own_account import OwnAccount
from server.access.passwords import PasswordThreads
from server.access.sign_in import SignIn
from server.access.sign_up import SignUp, SignUpRules
from server.access.signing_key import SigningKey
from server.access.standing import Standing, ended_since
from server.access.tokens import TokenIssuer, TokenVerifier
from server.access.visibility import Visibility
from server.config import ServerConfig
from server.demo.seed import DemoData, seed_demo
from server.doors.booking_api import routes as booking_api
from server.doors.booking_api.performing import BookingApi
from server.doors.customer_page import routes as customer_page
from server.doors.edge_middleware import edge_handlers, edge_middleware
from server.doors.http_edge import Edge
from server.doors.monitoring import routes as monitoring
from server.doors.monitoring.metrics import Metrics, Readings
from server.doors.openapi import routes as openapi
from server.doors.rate_limits import RateLimits, Rates
from server.doors.supabase import routes as supabase
from server.doors.supabase.accounts import AccountDoor
from server.doors.supabase.auth import AuthDoor
from server.doors.supabase.realtime.http_broadcast import HttpBroadcast
from server.doors.supabase.realtime.replay import Replay
from server.doors.supabase.realtime.resume_marks import ResumeMarks
from server.doors.supabase.realtime.room_access import RoomAccess
from server.doors.supabase.realtime.room_names import PREFIX as REALTIME
from server.doors.supabase.realtime.row_changes import RowChanges
from server.doors.supabase.realtime.talk import Talk
from server.doors.supabase.realtime.talk_limits import TalkLimits
from server.doors.supabase.realtime.topic import RealtimeTopic
from server.doors.supabase.rows.door import RowDoor
from server.doors.supabase.rows.writing import RowWriter
from server.doors.sync.audit import Audits
from server.doors.sync.http import SyncDoor
from server.doors.sync.operations import Operations
from server.doors.sync.snapshot import Snapshots
from server.doors.sync.topic import SyncTopic
from server.realtime.channels import ChannelRouter, TopicFamily
from server.realtime.fan_out import FanOut
from server.realtime.limits import SocketLimits
from server.realtime.open_sockets import OpenSockets
from server.realtime.recent import KEPT
from server.realtime.socket import Socket
from server.realtime.typing_board import TypingBoard
from server.realtime.typing_topic import PREFIX, TypingTopic
from server.realtime.uvicorn_socket import SocketDoor
from server.serving import AnnouncingServer, Background
from server.store.feed import Batch, Change
from server.store.past import feed_page
from server.store.settings import StoreSettings, StoreUnusable
from server.store.status_texts import write_status_texts
from server.store.store import Store

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
_SWEEP_SECONDS = 2.0
_SESSIONS_REACH_MS = 3_600_000
"""A token's life: older endings concern nobody."""
_log = structlog.get_logger("server")


class Application:
    """A server made and not yet running. `store` is open from the start; `run` ends with it closed."""

    def __init__(self, config: ServerConfig, data_dir: Path) -> None:
        """Raises StoreUnusable and WorkflowError."""
        self.config = config
        self.workflows = load_workflows(RESOURCES / "workflows")
        key = SigningKey.at(data_dir)
        kept = {name: getattr(config, name) for name in ("keep_days", "keep_lines", "keep_anonymous_days")}
        settings = StoreSettings(data_dir, config.database, **kept)
        self.store = Store.open(settings, key.key_id)
        self.background = Background()
        self._standing = Standing()
        self._passwords = PasswordThreads()
        self._metrics = Metrics(CollectorRegistry())
        self._accepting = False
        self._make_access(key)
        self._make_realtime()
        self.http = self._make_http(data_dir)
        self._metrics.watch(self._readings)

    def _make_access(self, key: SigningKey) -> None:
        self.store.read_now(lambda tx: self._standing.load(tx, time.time_ns() // 1_000_000))
        self.visibility = Visibility(self.workflows)
        self.issuer = TokenIssuer(key)
        self.verifier = TokenVerifier(key, self._standing)
        config, store, passwords = self.config, self.store, self._passwords
        rules = SignUpRules(config.sign_up, config.anonymous, config.shortest_password)
        self.sign_in = SignIn(store, self.issuer, self._standing, passwords)
        self.sign_up = SignUp(store, self.sign_in, passwords, rules)
        self.own_account = OwnAccount(store, self._standing, passwords, shortest_password=rules.shortest_password)

    def _make_realtime(self) -> None:
        config, store = self.config, self.store
        limits = SocketLimits(
            max_frame=config.max_frame,
            max_backlog=config.max_backlog,
            max_sockets=config.max_sockets,
            max_topics=config.max_topics,
            frames_per_second=config.frames_per_second,
            joins_per_second=config.joins_per_second,
            silence=config.socket_silence,
            token_grace=config.token_grace,
        )
        self.sockets = OpenSockets(limits, time.time, self._standing.is_ended)
        self.fan_out = FanOut(self.visibility, store.epoch, store.head, recent_changes(store))
        self.operations = Operations(store, self.workflows, self._metrics.operation_done)
        sync = SyncTopic(store, self.verifier, self.fan_out, self.operations)
        board = TypingBoard()
        self.typing = TypingTopic(store, self.verifier, self.visibility, board, self.background.spawn)
        self.realtime = self._make_supabase_realtime(board)

        def beat(socket: Socket, frame: Frame) -> bytes:
            self.realtime.beat(socket, frame)
            return sync.beat(socket)

        families: dict[str, TopicFamily] = {"sync": sync, PREFIX: self.typing, REALTIME: self.realtime}
        router = ChannelRouter(families, limits, beat, time.monotonic)
        self.socket_door = SocketDoor(router, self.sockets, limits)

    def _make_supabase_realtime(self, board: TypingBoard) -> RealtimeTopic:
        config, store, visibility = self.config, self.store, self.visibility
        changes = RowChanges(visibility, store.head)
        marks = ResumeMarks(time.monotonic)
        replay = Replay(store, changes, marks, for_all=config.supabase_resume)
        access = RoomAccess(store, visibility)
        limits = TalkLimits(config.max_broadcast, config.max_presence, config.presence_per_second)
        talk = Talk(access.sees_fully, new_id, board, limits)
        self.http_broadcast = HttpBroadcast(access, talk)
        realtime = RealtimeTopic(self.verifier, access, changes, talk, replay, spawn=self.background.spawn)
        board.add(realtime, talk.hear_typing)
        return realtime

    def _make_http(self, data_dir: Path) -> Starlette:
        config, store = self.config, self.store
        rates = Rates(**{kind: getattr(config, f"rate_{kind}") for kind in Rates.__struct_fields__})
        edge = Edge(self.verifier, RateLimits(rates), config.max_body)
        snapshots = Snapshots(store, self.visibility, self.workflows, data_dir, self.background.spawn)
        api = BookingApi(store, self.workflows, self.visibility, self._metrics.operation_done)
        audits = Audits(store, self.visibility, self._metrics.audit_done)
        number = version("fieldline")
        auth = AuthDoor(store, self.sign_in, self.issuer, self.sign_up.rules, version=number)
        writer = RowWriter(store, self.workflows, self.visibility, self._metrics.operation_done)
        routes: list[Route] = [
            *SyncDoor(store, self.visibility, self.workflows, self.operations, snapshots, audits).routes(),
            *booking_api.routes(api, self._metrics.figures, config.public_url),
            *RowDoor(writer, self.verifier).routes(),
            *supabase.routes(auth, AccountDoor(self.sign_up, self.own_account), self.http_broadcast),
            *customer_page.routes(RESOURCES / "web"),
            *monitoring.routes(self._metrics, store, lambda: self._accepting, config.metrics_token),
            *openapi.routes(number),
        ]
        return Starlette(
            routes=routes,
            middleware=edge_middleware(edge, config.origins, self._metrics.request_done),
            exception_handlers=edge_handlers(),
        )

    async def run(self, listener: socket.socket, announce: Callable[[str], None]) -> None:
        """Until SIGTERM or SIGINT. `announce` is given the URL. Raises StoreUnusable once nothing can be written."""
        sys.setswitchinterval(self.config.switch_interval)
        server = AnnouncingServer(self._uvicorn(), lambda: self._started(listener, announce), self._stopping)
        async with self.background:
            self.store.start(asyncio.get_running_loop(), self._publish, self._metrics.commit_done, server.give_up)
            try:
                await self._prepare()
                looks = (self._sweep, self._hear_of_ended_sessions)
                watching = [self.background.spawn(self._now_and_then(look)) for look in looks]
                await server.serve([listener])
                for task in watching:
                    task.cancel()
            finally:
                self.store.close()
                self._passwords.close()
        if server.has_given_up:
            raise StoreUnusable("The writer has failed, and the log says how. Start the server again.")

    def _uvicorn(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.http,
            http="httptools",
            ws=cast(Any, self.socket_door.protocol),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=round(self.config.drain_seconds),
            ssl_certfile=self.config.tls_cert,
            ssl_keyfile=self.config.tls_key,
        )

    async def _prepare(self) -> None:
        await self.store.write(lambda tx: write_status_texts(tx, self.workflows))
        if self.config.demo:
            data = msgspec.yaml.decode((RESOURCES / "demo" / "bookings.yaml").read_bytes(), type=DemoData)
            await seed_demo(self.store, self.workflows, data)
        # Python looks for garbage after every 700 objects made; a commit of 256 operations makes more. What lives as
        # long as the server is not looked through at all.
        gc.set_threshold(50_000, 20, 100)
        gc.collect()
        gc.freeze()

    def _started(self, listener: socket.socket, announce: Callable[[str], None]) -> None:
        self._accepting = True
        announce(base_url(listener, secure=self.config.tls_cert is not None))

    def _stopping(self) -> None:
        self._accepting = False

    async def _now_and_then(self, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Each look is a task of its own: one that fails is logged, and the next goes on."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            await asyncio.wait([self.background.spawn(look())])

    async def _sweep(self) -> None:
        self.sockets.sweep(time.monotonic())
        self.realtime.sweep(time.time() - self.config.token_grace)
        self._standing.sweep()

    async def _hear_of_ended_sessions(self) -> None:
        """A session ended at another server of the same database, or by a command, counts here as well, within
        seconds. The feed does not tell of sessions."""
        since = to_text(time.time_ns() // 1_000_000 - _SESSIONS_REACH_MS)
        with contextlib.suppress(Refusal):  # an outage passes, and the reach is longer than most
            self._standing.end_sessions(await self.store.read(lambda tx: ended_since(tx, since)))

    def _publish(self, batch: Batch) -> None:
        """One commit, in the loop's thread: who lost rights is known first and told last."""
        changed = self._standing.apply(batch)
        with contextlib.ExitStack() as each:  # from the bottom up, and each whatever becomes of those before it
            each.callback(self._send_away, changed)
            # In a turn of its own: what goes wrong among strangers' filters must keep nobody else from their news.
            each.callback(asyncio.get_running_loop().call_soon, self.realtime.publish, batch)
            each.callback(self.typing.publish, batch)
            each.callback(self.fan_out.publish, batch)

    def _send_away(self, user_ids: list[str]) -> None:
        self.realtime.rights_changed(user_ids)
        for user_id in user_ids:
            for known in self.sockets.of_user(user_id):
                known.bye("reauth", 0, 1008)

    def _readings(self) -> Readings:
        return Readings(
            sockets=len(self.sockets),
            joined=self.fan_out.joined,
            deliveries=self.fan_out.deliveries,
            slow_readers_cut=self.sockets.slow_readers_cut,
            head=self.store.head,
            floor=self.store.floor,
        )


def load_workflows(folder: Path) -> dict[str, Workflow]:
    """Every workflow file of the folder, checked; raises WorkflowError naming file and line."""
    files = sorted(folder.glob("*.yaml"))
    found = [load_workflow(file.read_text(encoding="utf-8"), file.name) for file in files]
    check_workflows(found)
    return {workflow.name: workflow for workflow in found}


def recent_changes(store: Store) -> list[Change]:
    """The newest stretch of the feed up to the store's head."""
    page = store.read_now(lambda tx: feed_page(tx, max(store.floor, store.head - KEPT), KEPT))
    return [change for change in page.changes if change.seq <= store.head]


def base_url(listener: socket.socket, *, secure: bool) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
