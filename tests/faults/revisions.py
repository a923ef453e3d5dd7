"""The fixture's revision files, read by a tiny parser that shares nothing with dbfleet.

The files are written for it: a section starts at a `-- migrate:` line, a statement ends with the delimiter at the end
of a line (`;`, or what DELIMITER names), and each row for chaos_log is `('REVISION', 'DIRECTION', NUMBER)`.
"""
import glob
import os
import re
from dataclasses import dataclass

MARKER = re.compile(r'^-- migrate:(up|down|check|verify)(?: (postgres|mysql|sqlite))?((?: \w+:\w+)*)\s*$')
LOGGED = re.compile(r"insert into chaos_log \(rev, dir, stmt\) values \('(\w+)', '(\w+)', (\d+)\)")


@dataclass
class Section:
    text: str
    options: tuple

    def statements(self, dialect):
        """Whole statements; those of PostgreSQL's and SQLite's bodies in one piece."""
        found, lines, delimiter = [], [], ';'
        for line in self.text.splitlines():
            if line.startswith('delimiter '):
                delimiter = line.split()[1]
                continue
            lines.append(line)
            text = '\n'.join(lines).strip()
            if text.endswith(delimiter) and is_complete(text, dialect):
                found.append(text[:-len(delimiter)].strip())
                lines = []
        return [text for text in found if text]

    def logged(self):
        return sorted(int(number) for _, _, number in LOGGED.findall(self.text))


def is_complete(text, dialect):
    if dialect == 'postgres':
        return text.count('$$') % 2 == 0
    if dialect == 'sqlite' and text.lower().startswith('create trigger'):
        return text.lower().endswith('end;')
    return True


class Revision:
    def __init__(self, path):
        self.id = os.path.basename(path).split('_')[0]
        self.path = path
        self.sections = {}
        with open(path) as file:
            self.read(file.read())

    def read(self, text):
        kind = None
        for line in text.splitlines():
            marker = MARKER.match(line)
            if marker:
                kind = (marker[1], marker[2])
                self.sections[kind] = Section('', tuple(marker[3].split()))
            elif kind:
                self.sections[kind].text += line + '\n'

    def section(self, direction, dialect):
        return self.sections.get((direction, dialect)) or self.sections[(direction, None)]

    def is_transactional(self, direction, dialect):
        return dialect != 'mysql' and 'transaction:false' not in self.section(direction, dialect).options


def load(folder):
    return [Revision(path) for path in sorted(glob.glob(os.path.join(folder, '*.sql')))]


# ---- Classes of statements -----------------------------------------------------------------------------------------

CLASSES = [
    ('rows without transactions', re.compile(r'(insert into|update|delete from) notes\b')),
    ('truncate', re.compile(r'truncate\b')),
    ('call', re.compile(r'call\b')),
    ('do block', re.compile(r'do \$')),
    ('transaction of its own', re.compile(r'(begin|start transaction|commit)\b')),
    ('rows', re.compile(r'(insert|update|delete|select)\b')),
    ('drop of several', re.compile(r'drop \w+ [^,]+,')),
    ('concurrent index', re.compile(r'(create|drop)( unique)? index concurrently')),
]

# What no evidence in the database can settle, by design.
MAY_BE_UNDECIDABLE = {'rows without transactions', 'truncate', 'call', 'do block'}

# What a server that dies may leave half done, which is neither before nor behind the statement.
MAY_BE_PARTIAL = {'drop of several'}


def statement_class(text):
    """A word for people: 'rows', 'create table', 'truncate', …"""
    flat = ' '.join(text.lower().split())
    for name, pattern in CLASSES:
        if pattern.match(flat):
            return name
    words = [word for word in flat.split()[:3] if word not in ('unique', 'or', 'replace')]
    return ' '.join(words[:2])
