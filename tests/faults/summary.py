"""Figures of a run: what was injected, how dbfleet's calls ended, what was checked, what was undecidable, what is wrong."""
import collections

EXIT_CODE_NAMES = {0: 'done', 1: 'some failed', 3: 'halted', 4: 'unreachable', 5: 'stale', 6: 'locked', 78: 'ledger',
                   130: 'interrupted', -9: 'killed', -2: 'SIGINT', -15: 'SIGTERM'}


class Summary:
    def __init__(self, seed):
        self.seed = seed
        self.rounds = 0
        self.injected = collections.Counter()
        self.idle = collections.Counter()
        self.good = 0
        self.bad = 0
        self.undecidables = []
        self.violations = []
        self.ledgers_removed = 0
        self.codes = {}
        self.tries = {}
        self.skipped = []

    def fault(self, name, hit):
        (self.injected if hit else self.idle)[name] += 1

    def checked(self, bad):
        self.bad += bad
        self.good += not bad

    def undecidable(self, found):
        self.undecidables.append(found)

    def violation(self, round_number, target, text):
        self.violations.append((round_number, target, text))

    def finish(self, rounds, codes, tries, skipped):
        self.rounds, self.codes, self.tries, self.skipped = rounds, dict(codes), dict(tries), skipped

    def classes(self):
        return collections.Counter((found.kind, found.truth) for found in self.undecidables)

    def failed(self):
        """Checks that failed, and violations that belong to no target."""
        return self.bad + sum(target is None for _, target, _ in self.violations) or len(self.violations)

    def text(self):
        lines = ['', f'seed {self.seed}: {self.rounds} rounds', '', 'faults injected']
        lines += [f'  {name:28} {self.injected[name]:6}' for name in sorted(self.injected)]
        lines += [f'  {"all":28} {sum(self.injected.values()):6}   ({sum(self.idle.values())} more found nothing to hit)']
        lines += [f'  {name:28} not possible here' for name in self.skipped]
        lines += ['', 'calls of dbfleet by exit code']
        lines += [f'  {code:4} {EXIT_CODE_NAMES.get(code, ""):23} {count:6}' for code, count in sorted(self.codes.items())]
        lines += [f'  {"all":28} {sum(self.codes.values()):6}']
        lines += ['', 'rounds by calls until all was quiet']
        lines += [f'  {tries:4}                         {count:6}' for tries, count in sorted(self.tries.items())]
        lines += ['', f'declared undecidable           {len(self.undecidables):6}']
        lines += [f'  {kind}, really {truth}: {count}' for (kind, truth), count in sorted(self.classes().items())]
        lines += ['', f'ledgers that had to be deleted {self.ledgers_removed:6}',
                  f'targets x rounds checked       {self.good + self.bad:6}', f'violations                     {len(self.violations):6}']
        lines += [f'  round {number} {target or ""}: {text}' for number, target, text in self.violations[:40]]
        return '\n'.join(lines)

    def row(self, seconds):
        """As docs/reliability.md has it: a row of a Markdown table."""
        cells = (self.seed, f'{seconds:.0f}', self.rounds, sum(self.injected.values()), sum(self.codes.values()),
                 self.good + self.bad, len(self.undecidables), len(self.violations))
        return '| ' + ' | '.join(map(str, cells)) + ' |'

    def last_line(self):
        return f'{self.good} passed, {self.failed()} failed'

    def as_dict(self):
        return {'seed': self.seed, 'rounds': self.rounds, 'injected': dict(self.injected), 'codes': self.codes,
                'tries': self.tries, 'checked': self.good + self.bad, 'ledgers_removed': self.ledgers_removed,
                'undecidable': [vars(found) for found in self.undecidables], 'violations': self.violations}
