#!/usr/bin/env bats
# Approvals of a plan file: signed by persons with their SSH keys, verified before anything is connected.

load ../fleet/lib

setup() {
  unset SSH_AUTH_SOCK SSH_ASKPASS
  export HOME=$BATS_TEST_TMPDIR/home GIT_CONFIG_NOSYSTEM=1
  mkdir -p "$HOME"
  new_project
  echo "targets: [{name: 'a-{1..2}', url: 'sqlite:a{1..2}.db', create: true}]" >inventory.yaml
  table_chain 2
  for person in ada bob cleo; do key $person; done
  printf '%s\n' "ada@example.com $(cat keys/ada.pub)" "bob@example.com $(cat keys/bob.pub)" >signers
  policy 2
  expect 0 plan upgrade head -o plan.yaml
}

# key NAME: a key pair, its comment left out
key() {
  mkdir -p keys
  ssh-keygen -q -t ed25519 -N '' -C "" -f keys/"$1"
}

# policy N [KEY: VALUE]...
policy() {
  sed -i '/^rollout:/,$d' dbfleet.yaml
  { echo "rollout:"; echo "  approvals: $1"; echo "  allowed_signers: signers"; shift; printf '  %s\n' "$@"; } >>dbfleet.yaml
}

approve() {
  expect "${2:-0}" plan approve plan.yaml --signing-key keys/"$1"
}

# Nothing ran, nothing was made.
untouched() {
  [ ! -e a1.db ] && [ ! -e a2.db ]
}

# field FILTER EXPECTED: of the last command's JSON.
field() {
  same "$2" "$(json "$1")" "$1"
}

@test "two persons approve, and the plan runs and says who they were" {
  approve ada
  says "approved plan.yaml" "as ada@example.com: plan.yaml.sig.d/ada@example.com.sig" "1 of 2 approvals"
  expect 78 apply plan.yaml --yes
  says "plan.yaml has 1 of the 2 approvals that rollout.approvals asks for: ada@example.com" "plan approve plan.yaml"
  untouched
  approve bob
  says "2 of 2 approvals"
  expect 0 apply plan.yaml --yes
  says "plan.yaml is approved by ada@example.com, bob@example.com" "approved by ada@example.com, bob@example.com" "2 done"
  expect 0 report --format json
  field '.approved_by | join(" ")' "ada@example.com bob@example.com"
}

@test "without rollout.approvals no signature is asked for" {
  sed -i '/^rollout:/,$d' dbfleet.yaml
  expect 0 apply plan.yaml --yes
  expect 0 report --format json
  field '.approved_by' null
}

@test "a changed plan has no approvals, and a signature of another file is none" {
  approve ada
  approve bob
  cp plan.yaml kept.yaml
  sed -i 's/max_failures: "0"/max_failures: "9"/' plan.yaml
  expect 78 apply plan.yaml --yes
  says "the plan was changed after it was made"
  expect 0 plan upgrade head -o plan.yaml --force --max-failures 9
  expect 78 apply plan.yaml --yes
  says "plan.yaml.sig.d/ada@example.com.sig does not count: it is a signature of another file" "has 0 of the 2 approvals"
  untouched
  # A space behind the digest is no other plan to dbfleet, and no longer what was signed.
  cp kept.yaml plan.yaml
  echo >>plan.yaml
  expect 78 apply plan.yaml --yes
  untouched
}

@test "signatures of strangers, expired keys and other purposes do not count" {
  approve ada
  approve cleo
  says "it does not count: key SHA256:" "is not in"
  expect 78 apply plan.yaml --yes
  says "does not count: key SHA256:" "1 of the 2 approvals"
  ssh-keygen -q -Y sign -n git -f keys/bob plan.yaml
  mv plan.yaml.sig plan.yaml.sig.d/bob.sig
  expect 78 apply plan.yaml --yes
  says "bob.sig does not count: it is no signature of a plan" "namespace"
  rm plan.yaml.sig.d/bob.sig
  approve bob
  sed -i "s/^bob@example.com/& valid-before=\"20200101\"/" signers
  expect 78 apply plan.yaml --yes
  says "bob@example.com.sig does not count: the time of key SHA256:" "is over"
  untouched
  sed -i "s/valid-before=\"20200101\"/namespaces=\"git\"/" signers
  expect 78 apply plan.yaml --yes
  untouched
}

@test "a person with two keys is one person, and a pattern is nobody" {
  echo "Ada@Example.com $(cat keys/cleo.pub)" >>signers
  approve ada
  approve cleo
  says "1 of 2 approvals"
  expect 78 apply plan.yaml --yes
  says "ada@example.com.sig does not count: ada@example.com has approved it already (Ada@Example.com.sig)" "1 of the 2 approvals"
  sed -i 's/^Ada@Example.com/*@example.com/' signers
  expect 78 apply plan.yaml --yes
  says "has no person's name in" "only a pattern"
  untouched
}

@test "who made the plan does not approve it, unless the policy says so" {
  maker=$(sed -n 's/^created_by: "\(.*\)@.*/\1/p' plan.yaml)
  sed -i "s/^bob@example.com/$maker@example.org/" signers
  approve ada
  approve bob
  says "it does not count: $maker@example.org made the plan"
  expect 78 apply plan.yaml --yes
  says "made the plan" "1 of the 2 approvals"
  untouched
  policy 2 "self_approval: true"
  expect 0 apply plan.yaml --yes
}

@test "what is no signature is told and nothing else" {
  approve ada
  head -c 100 plan.yaml.sig.d/ada@example.com.sig >plan.yaml.sig.d/cut.sig
  : >plan.yaml.sig.d/empty.sig
  head -c 100000 /dev/zero >plan.yaml.sig.d/huge.sig
  mkdir plan.yaml.sig.d/folder.sig
  mkfifo plan.yaml.sig.d/pipe.sig
  ln -s ada@example.com.sig plan.yaml.sig.d/link.sig
  ln -s /dev/zero plan.yaml.sig.d/zero.sig
  echo "not looked at" >plan.yaml.sig.d/README
  expect 78 apply plan.yaml --yes
  says "cut.sig does not count: it is no signature of a plan" "empty.sig does not count: it is empty" "huge.sig does not count: it is too large" \
    "folder.sig does not count: it is no regular file" "pipe.sig does not count: it is no regular file" "link.sig does not count: it cannot be read, or is a symbolic link" \
    "zero.sig does not count" "has 1 of the 2 approvals"
  rm -r plan.yaml.sig.d && ln -s keys plan.yaml.sig.d
  expect 78 apply plan.yaml --yes
  says "plan.yaml.sig.d must be a folder of signatures"
  expect 78 plan approve plan.yaml --signing-key keys/ada
  says "plan.yaml.sig.d must be a folder of signatures"
  untouched
}

@test "no signature is overwritten, and the same one again is no error" {
  approve ada
  cp plan.yaml.sig.d/ada@example.com.sig first
  approve ada
  cmp first plan.yaml.sig.d/ada@example.com.sig
  expect 0 plan upgrade head -o plan.yaml --force --max-failures 9
  approve ada 78
  says "ada@example.com.sig is there already and is another signature"
  cmp first plan.yaml.sig.d/ada@example.com.sig
}

@test "a principal cannot leave the folder" {
  echo "../../../evil/../x $(cat keys/cleo.pub)" >>signers
  approve cleo
  [ "$(ls plan.yaml.sig.d)" = "_._.._.._evil_.._x.sig" ]
}

@test "the key is git's where none is given" {
  sed -i '/^rollout:/,$d' dbfleet.yaml
  expect 64 plan approve plan.yaml
  says "no key to sign with"
  git config --global gpg.format ssh
  git config --global user.signingkey "$PWD/keys/cleo"
  expect 0 plan approve plan.yaml
  says "as SHA256:"
  DBFLEET_SIGNING_KEY=keys/nosuch expect 78 plan approve plan.yaml
  says "ssh-keygen did not sign with keys/nosuch"
}

@test "an agent signs for a public key" {
  eval "$(ssh-agent)" >/dev/null
  ssh-add -q keys/ada
  mv keys/ada elsewhere
  git config --global gpg.format ssh
  git config --global user.signingkey "key::$(cat keys/ada.pub)"
  run_status=0
  approve ada.pub || run_status=1
  rm -r plan.yaml.sig.d
  expect 0 plan approve plan.yaml || run_status=1
  ssh-agent -k >/dev/null
  [ "$run_status" = 0 ]
}

@test "without ssh-keygen, or without the signers' file, it says so" {
  approve ada
  mkdir only
  ln -s "$(command -v git)" "$(command -v bash)" only/
  run --separate-stderr env PATH="$PWD/only" "$DBFLEET" apply plan.yaml --yes
  [ "$status" = 78 ]
  says "approvals are SSH signatures, which need ssh-keygen (Debian: openssh-client)"
  rm signers
  expect 78 apply plan.yaml --yes
  says "rollout.allowed_signers:" "cannot be read"
  rm -f signers && mkfifo signers
  expect 78 apply plan.yaml --yes
  says "rollout.allowed_signers:" "it is no regular file"
  untouched
}

@test "a preview needs nobody's approval" {
  expect 0 apply plan.yaml --dry-run
  untouched
}

@test "plan show says who approved, and who does not count" {
  expect 0 plan show plan.yaml
  says "approvals: 0 of the 2 that are needed"
  approve ada
  approve cleo
  expect 0 plan show plan.yaml
  says "approvals: 1 of the 2 that are needed" "ada@example.com: counts" ".sig: does not count: key"
  expect 0 plan show plan.yaml --format json
  field '.approvals | map(.state) | sort | join(" ")' "counts unknown-signer"
  field .approvals_needed 2
  expect 0 plan show plan.yaml --format markdown
  says "approval of ada@example.com: counts" "**1 of 2 approvals**"
  mkdir elsewhere && cp -r plan.yaml plan.yaml.sig.d elsewhere/ && mv dbfleet.yaml kept.yaml && cd elsewhere
  expect 0 plan show plan.yaml
  says "approvals: 2, and none is asked for" "a good signature; whose it is was not asked"
}

@test "a run without a plan file says that it needs no approval" {
  expect 0 upgrade head --yes
  says "this run needs no approval: rollout.approvals (2) is asked for by \"dbfleet apply\""
}
