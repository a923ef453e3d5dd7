"""After the faults of a round: dbfleet again until nothing is left to do, and a person's part where it asks for one.

Owns the decision of what a person would type: finish what stands half-way in the other direction, and settle what is
undecidable by looking into the database. Everything dbfleet could have known by itself is a violation.
"""
import collections
from dataclasses import dataclass

import checker
from revisions import MAY_BE_PARTIAL, MAY_BE_UNDECIDABLE, statement_class
from runs import QUIET

# dbfleet looks for evidence before it calls a statement undecidable. What evidence settles must then not come up.
EVIDENCE_SETTLES = True

TRIES = 8
ROWS = {'rows', 'rows without transactions'}


@dataclass
class Undecidable:
    target: str
    revision: str
    direction: str
    statement: int
    kind: str       # class of the statement
    truth: str      # 'done', 'not done', 'neither', or 'either' where it makes no difference


class Settler:
    def __init__(self, fleet, calls, reference, complain, keep):
        self.fleet = fleet
        self.calls = calls
        self.reference = reference
        self.revisions = {revision.id: revision for revision in reference.revisions}
        self.complain = complain        # (target's name or None, text)
        self.keep = keep                # puts away what a target looks like, before it is made anew
        self.undecidable = []
        self.tries = collections.Counter()
        self.assume = self.calls.has_option('resume', '--assume-done')

    def settle(self, goal, limit=()):
        """Until every target is at the goal. Targets that do not get there are violations, and are made anew."""
        for attempt in range(1, TRIES + 1):
            call = self.calls.run(*self.command(goal, limit), '-j', '16')
            report = call.report()
            left = self.left_over(report)
            if call.code == 0 and not left:
                self.tries[attempt] += 1
                return
            self.help(left, 'down' if goal == 'base' else 'up')
        for name, target in sorted(left.items()):
            self.complain(name, f'does not converge to {goal}: {target["outcome"]}: {target["reason"]} {target["failure"]}')
            self.keep(self.fleet.by_name[name])
            self.rebuild(self.fleet.by_name[name])
        if not left:
            self.complain(None, f'{" ".join(call.args)} does not end well: exit code {call.code}')
        self.calls.run(*self.command(goal, limit), '-j', '16')

    @staticmethod
    def command(goal, limit=()):
        verb = 'downgrade' if goal == 'base' else 'upgrade'
        limits = ['-l', ','.join(limit)] if limit else []
        return [verb, goal, '--yes', '--format', 'json', '--max-failures', '100%', *limits]

    @staticmethod
    def left_over(report):
        if not report:
            return {}
        return {target['target']: target for target in report['targets'] if target['outcome'] not in QUIET}

    # ---- A person's part ----

    def help(self, left, direction):
        finishing = collections.defaultdict(list)
        for name in sorted(left):
            target = self.fleet.by_name[name]
            step = self.half_done(target)
            if not step:
                continue
            if (left[name]['failure'] or {}).get('class') == 'undecidable':
                self.settle_undecidable(target, step, left[name], direction)
            elif step.direction != direction or not step.intent:
                finishing[self.finish(step)].append(name)
        for goal, names in sorted(finishing.items()):
            self.calls.run(*self.finishing_command(goal, names))

    @staticmethod
    def finishing_command(goal, names):
        verb = 'upgrade' if goal[0] == 'up' else 'downgrade'
        return [verb, goal[1], '--yes', '--format', 'json', '--max-failures', '100%', '-l', ','.join(names)]

    @staticmethod
    def half_done(target):
        with target.session():
            history = checker.history_of(target)
        open_steps = [step for step in history if step.state in ('running', 'failed') and (step.done or step.intent)]
        return open_steps[-1] if open_steps else None

    @staticmethod
    def finish(step):
        """What ends this step in its own direction."""
        return (step.direction, step.heads_after or 'base')

    # ---- Undecidable statements ----

    def settle_undecidable(self, target, step, result, direction):
        section = self.revisions[step.revision].section(step.direction, target.dialect)
        first, end, kind = open_group(section.statements(target.dialect), step.done)
        truth = self.look(target, step, first, end)
        self.undecidable.append(Undecidable(target.name, step.revision, step.direction, first + 1, kind, truth))
        if truth == 'neither' and kind not in MAY_BE_UNDECIDABLE | MAY_BE_PARTIAL:
            self.keep(target)
            self.complain(target.name, f'{step.step_id}: statement {first + 1} of {step.revision} {step.direction} is '
                                       f'open, and the database is neither before nor behind it')
        elif EVIDENCE_SETTLES and kind not in MAY_BE_UNDECIDABLE and not (kind in MAY_BE_PARTIAL and truth == 'neither'):
            self.keep(target)
            self.complain(target.name, f'{step.step_id}: statement {first + 1} ({kind}) is left undecided, though the '
                                       f'database says that it is {truth}: {result["failure"]}')
        if not self.assume or truth == 'neither' or not self.tell(target, step, truth, direction):
            self.rebuild(target)

    def tell(self, target, step, truth, direction):
        """Says to dbfleet what is true. It must then go on; a word for a step the other way belongs to a run that way."""
        option = '--assume-not-done' if truth == 'not done' else '--assume-done'
        if step.direction != direction:
            self.calls.run(*self.finishing_command(self.finish(step), [target.name]))
        call = self.calls.run('resume', option, target.name, '--yes', '--format', 'json', '--max-failures', '100%')
        now = self.half_done(target)
        if not now or (now.step_id, now.intent) != (step.step_id, step.intent):
            return True
        self.keep(target)
        self.complain(target.name, f'{step.step_id}: {option} changed nothing: call {call.number}, exit code {call.code}: '
                                   f'{call.errors()[-300:]}')
        return False

    def look(self, target, step, first, end):
        """Whether the open statements took effect, by comparing with the reference before and behind them."""
        inside = self.reference.inside(target.dialect, step.revision, step.direction)
        with target.session():
            content = checker.snapshot(target)
            excess = checker.log_excess(target)
        before, behind = (self.matches(inside[number], content, excess) for number in (first, end))
        return {(True, False): 'not done', (False, True): 'done', (True, True): 'either', (False, False): 'neither'}[before, behind]

    @staticmethod
    def matches(place, content, excess):
        return place[0] == content[0] and place[1] == content[1] and dict(place[2]) == excess

    def rebuild(self, target):
        target.rebuild()
        self.calls.forget(target)


def open_group(statements, done):
    """(first, end, class): rows that follow each other stand in one transaction with their journal row."""
    kinds = [statement_class(text) for text in statements]
    end = done + 1
    if kinds[done] in ROWS:
        while end < len(kinds) and kinds[end] in ROWS:
            end += 1
    elif kinds[done] == 'transaction of its own':
        end = kinds.index('transaction of its own', done + 1) + 1
    kind = 'rows without transactions' if 'rows without transactions' in kinds[done:end] else kinds[done]
    return done, end, kind
