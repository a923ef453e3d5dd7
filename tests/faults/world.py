"""What faults work on: servers, proxies, fleet, calls and disks; and what they have to undo when a round ends."""
import os
import shutil
import subprocess
import threading


class Disks:
    """Small file systems that can be filled (root only), and files that cannot be written for a while."""
    SIZES = {'small': '6m', 'ledger': '12m'}

    def __init__(self, folder):
        self.folder = folder
        self.mounted = []
        self.small_folder = os.path.join(folder, 'small')
        self.ledger_folder = os.path.join(folder, 'ledger')
        for path in (self.small_folder, self.ledger_folder):
            os.makedirs(path)
            self.mount(path)
        self.small = list(self.mounted)
        self.can_protect = os.getuid() != 0 or self.can_make_immutable()

    def mount(self, path):
        command = ['mount', '-t', 'tmpfs', '-o', 'size=' + self.SIZES[os.path.basename(path)], 'chaos', path]
        if os.getuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0:
            self.mounted.append(path)

    def can_make_immutable(self):
        probe = os.path.join(self.folder, 'immutable')
        open(probe, 'w').close()
        good = shutil.which('chattr') is not None and self.chattr('+i', probe)
        if good:
            self.chattr('-i', probe)
        os.unlink(probe)
        return good and self.ledger_folder not in self.mounted    # tmpfs has no such flag

    @staticmethod
    def chattr(flag, path):
        return subprocess.run(['chattr', flag, path], capture_output=True).returncode == 0

    def protect(self, path):
        """Makes a file unwritable; returns what undoes it."""
        if os.getuid() == 0:
            self.chattr('+i', path)
            return lambda: self.chattr('-i', path)
        os.chmod(path, 0o444)
        return lambda: os.path.exists(path) and os.chmod(path, 0o644)

    @staticmethod
    def fill(folder):
        """Writes until no space is left; the size of what it wrote."""
        size = 0
        with open(os.path.join(folder, 'ballast'), 'wb', buffering=0) as file:
            for block in (65536, 4096, 512):
                try:
                    while True:
                        size += file.write(b'\0' * block)
                except OSError:
                    pass
        return size

    @staticmethod
    def empty(folder):
        try:
            os.unlink(os.path.join(folder, 'ballast'))
        except FileNotFoundError:
            pass

    def close(self):
        for path in self.mounted:
            self.empty(path)
            # lazy: what a killed program had open may be let go of only a moment later
            subprocess.run(['umount', '--lazy', path], capture_output=True)


class World:
    def __init__(self, fleet, postgres, mariadb, postgres_proxy, mariadb_proxy, calls, disks):
        self.fleet = fleet
        self.postgres = postgres
        self.mariadb = mariadb
        self.postgres_proxy = postgres_proxy
        self.mariadb_proxy = mariadb_proxy
        self.calls = calls
        self.disks = disks
        self.lock = threading.Lock()
        self.taken = set()
        self.threads = []
        self.problems = []
        self.healing = threading.Event()

    def abilities(self):
        """What rows of the fault table may need."""
        found = set()
        if self.calls.faketime:
            found.add('faketime')
        if self.disks.small:
            found.add('tmpfs')
        if self.disks.can_protect:
            found.add('protect')
        return found

    # ---- Things that are under way ----

    def take(self, name):
        """False if a fault has it already."""
        with self.lock:
            if name in self.taken:
                return False
            self.taken.add(name)
            return True

    def give_back(self, name):
        with self.lock:
            self.taken.discard(name)

    def in_background(self, work):
        def guarded():
            try:
                work()
            except Exception as problem:    # told at the end of the round, in the main thread
                self.problems.append(repr(problem))

        thread = threading.Thread(target=guarded, daemon=True)
        with self.lock:
            self.threads.append(thread)
        thread.start()

    def later(self, seconds, work):
        """After so many seconds, or when the round's faults end."""
        def wait():
            self.healing.wait(seconds)
            work()

        self.in_background(wait)

    def join(self):
        while True:
            with self.lock:
                threads, self.threads = self.threads, []
            if not threads:
                return
            for thread in threads:
                thread.join()

    def heal_proxies(self):
        self.postgres_proxy.heal()
        self.mariadb_proxy.heal()

    def heal(self):
        """Ends every fault: afterwards servers answer, connections pass, disks have room, nothing of ours holds a lock."""
        self.heal_proxies()
        self.healing.set()
        self.join()
        self.healing.clear()
        for folder in self.disks.small:
            self.disks.empty(folder)
        for server in (self.postgres, self.mariadb):
            server.wait_until_up()
        self.taken.clear()
        problems, self.problems = self.problems, []
        return problems

