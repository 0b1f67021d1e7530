"""A real Dovecot and a real SMTP server on ports of their own, for as long as a test needs them."""

import asyncio
import contextlib
import getpass
import grp
import itertools
import os
import pwd
import shutil
import signal
import ssl
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

PASSWORD: Final = "correct-horse"
_START_SECONDS: Final = 20.0
_counter = itertools.count(1)


class Dovecot:
    """One Dovecot with a Maildir for whoever signs in with PASSWORD."""

    def __init__(self, folder: Path, *, tls: "Certificate | None", capability: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._tls = tls
        self._capability = capability
        self._process: asyncio.subprocess.Process | None = None
        self._starts = 0
        self._owner = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())

    async def start(self) -> None:
        """Return once it greets; the same port and mail as before after a stop."""
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise RuntimeError("Dovecot is missing: apt-get install dovecot-imapd")
        self._starts += 1  # a socket of the last run may still be held by a child of it that dies
        config = self._folder / "dovecot.conf"
        config.write_text(self._config())
        self._process = await asyncio.create_subprocess_exec(
            program,
            "-F",
            "-c",
            str(config),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        async with asyncio.timeout(_START_SECONDS):
            while not await self._greets():
                if self._process.returncode is not None:
                    raise RuntimeError(f"Dovecot ended: {self._log()}")
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End the server and every session it serves, at once, as a power cut does."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # its whole group: sessions outlive it
            os.killpg(process.pid, signal.SIGKILL)
        async with asyncio.timeout(_START_SECONDS):
            await process.wait()
            # Its children die a moment later, and hold the port.
            while await self._greets():  # noqa: ASYNC110 - nobody tells when they are gone
                await asyncio.sleep(0.01)

    def drop(self, user: str, mail: bytes) -> None:
        """Put a mail into the user's inbox as a delivery agent does: written, then renamed."""
        maildir = self._maildir(user)
        name = f"{datetime.now(UTC).timestamp():.6f}.{os.getpid()}_{next(_counter)}.test"
        part = maildir / "tmp" / name
        part.write_bytes(mail)
        self._give(part)
        part.rename(maildir / "new" / name)

    def mails(self, user: str) -> list[bytes]:
        """Return what lies in the user's inbox, oldest first."""
        maildir = self._maildir(user)
        found = [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.name)]

    def take_out(self, user: str) -> list[bytes]:
        """Remove all mail from the inbox and return it."""
        mails = self.mails(user)
        for box in ("new", "cur"):
            for path in (self._maildir(user) / box).iterdir():
                path.unlink()
        return mails

    async def change_uidvalidity(self, user: str) -> None:
        """Forget all UIDs, as after a restored backup; restarts the server."""
        await self.stop()
        for path in self._maildir(user).glob("dovecot*"):
            path.unlink()
        (self._maildir(user) / "dovecot-uidlist").write_text(f"3 V{next(_counter) + 4000} N1\n")
        self._give(self._maildir(user) / "dovecot-uidlist")
        await self.start()

    def _maildir(self, user: str) -> Path:
        maildir = self._folder / "mail" / user / "Maildir"
        if not maildir.exists():
            for name in ("tmp", "new", "cur"):
                (maildir / name).mkdir(parents=True)
            for path in (maildir.parent, maildir, *maildir.iterdir()):
                self._give(path)
        return maildir

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    async def _greets(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return reader is not None

    def _log(self) -> str:
        log = self._folder / "dovecot.log"
        return log.read_text()[-2000:] if log.exists() else "no log"

    def _config(self) -> str:
        user = self._owner.pw_name
        group = grp.getgrgid(self._owner.pw_gid).gr_name
        listener = "imaps" if self._tls else "imap"
        tls = (
            f"ssl = required\nssl_cert = <{self._tls.cert}\nssl_key = <{self._tls.key}"
            if self._tls
            else "ssl = no"
        )
        return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {self._folder}/run-{self._starts}
state_dir = {self._folder}/run-{self._starts}
log_path = {self._folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
disable_plaintext_auth = no
auth_failure_delay = 0
shutdown_clients = yes
mail_location = maildir:~/Maildir
mailbox_idle_check_interval = 1s
first_valid_uid = 0
{tls}
{self._capability}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={self._owner.pw_uid} gid={self._owner.pw_gid} home={self._folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port if listener == "imap" else 0}
  }}
  inet_listener imaps {{
    port = {self.port if listener == "imaps" else 0}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@asynccontextmanager
async def running_dovecot(
    *, tls: "Certificate | None" = None, idle: bool = True
) -> AsyncIterator[Dovecot]:
    """Run a Dovecot; without `idle` it does not offer IDLE."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    capability = "" if idle else "imap_capability = IMAP4rev1 UIDPLUS"
    server = Dovecot(folder, tls=tls, capability=capability)
    server._give(folder / "mail")
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail the SMTP server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


class SmtpServer:
    """A real SMTP server that keeps what it took and fails when told to."""

    def __init__(self, port: int, deliver: Callable[[str, bytes], None] | None) -> None:
        self.port = port
        self.taken: list[Taken] = []
        self.sign_ins: list[tuple[str, bool]] = []
        self.connections = 0
        self._deliver = deliver
        self._failures: dict[str, list[str]] = {}
        self._arrived = asyncio.Event()

    def fail(self, command: str, reply: str, *, times: int = 1) -> None:
        """Answer the next `times` uses of MAIL, RCPT or DATA with `reply`.

        The reply "drop" after DATA means: take the mail, then cut the connection unanswered.
        """
        self._failures.setdefault(command, []).extend([reply] * times)

    async def next_mail(self, number: int = 1) -> Taken:
        """Return the mail with this number, counted from 1, waiting until it is there."""
        async with asyncio.timeout(10):
            while len(self.taken) < number:
                self._arrived.clear()
                await self._arrived.wait()
        return self.taken[number - 1]

    def _next(self, command: str) -> str | None:
        waiting = self._failures.get(command)
        return waiting.pop(0) if waiting else None

    # What aiosmtpd calls, by its names.
    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        if (reply := self._next("MAIL")) is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        if (reply := self._next("RCPT")) is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self._next("DATA")
        if reply is not None and reply != "drop":
            return reply
        assert isinstance(envelope.content, bytes)
        data = envelope.content
        self.taken.append(Taken(str(envelope.mail_from), tuple(envelope.rcpt_tos), data))
        for recipient in envelope.rcpt_tos:
            if self._deliver is not None:
                self._deliver(recipient, _stamped(recipient, data))
        self._arrived.set()
        if reply == "drop":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 OK queued"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        login = data.login.decode() if isinstance(data, LoginPassword) else ""
        self.sign_ins.append((login, right))
        return AuthResult(success=right, handled=False)


def _stamped(recipient: str, data: bytes) -> bytes:
    """Do what every server on the way does: leave a line that tells two deliveries apart."""
    line = f"Received: by mx.test id {next(_counter)} for <{recipient}>; {datetime.now(UTC):%c}"
    return f"Delivered-To: {recipient}\r\n{line}\r\n".encode() + data


@asynccontextmanager
async def running_smtp(
    *,
    deliver: Callable[[str, bytes], None] | None = None,
    tls: "Certificate | None" = None,
    starttls: bool = False,
    sign_in: bool = False,
) -> AsyncIterator[SmtpServer]:
    """Run an SMTP server; `deliver(recipient, mail)` may put what it takes into a Dovecot."""
    server = SmtpServer(free_port(), deliver)
    context = tls.context() if tls is not None else None

    def protocol() -> SMTP:
        server.connections += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a sign-in without TLS is what some tests are about
            return SMTP(
                server,
                hostname="mx.test",
                enable_SMTPUTF8=True,
                data_size_limit=100 * 1024 * 1024,
                tls_context=context if starttls else None,
                require_starttls=starttls,
                auth_required=sign_in,
                auth_require_tls=False,
                authenticator=server.authenticate,
            )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        protocol, "127.0.0.1", server.port, ssl=None if starttls else context
    )
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate; a client that trusts `cert` trusts the server."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


def certificate_for(folder: Path, *names: str) -> Certificate:
    """Write a certificate for host names or addresses into `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "cert.pem", folder / "key.pem")
    found.cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
