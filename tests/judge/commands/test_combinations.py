"""Prefixes, separators, quotes, directories, activations and redirections in any combination: foretold is what happens."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.facts.shell.shells import BASH, DASH, SYSTEM_PATH

from .predictions import foretell, is_decided, mistakes
from .recorders import Machine
from .recorders import machine as kept_machine
from .starts import furnish, run_line

pytestmark = pytest.mark.usefixtures("shells")

ZSH = shutil.which("zsh", path=SYSTEM_PATH) or ""
SHELLS = [
    pytest.param(shell, id=name, marks=pytest.mark.skipif(not shell, reason=f"needs {name}"))
    for name, shell in {"bash": BASH, "dash": DASH, "zsh": ZSH}.items()
]

# Most are a uv, which answers at once: a Python takes ten times as long to start.
MANAGERS = ["uv pip"] * 4 + ["pip", "pip3", "python -m pip", "env/bin/pip", "micromamba", "uvx", "nothing"]
VERBS = ["install", "install", "uninstall", "list", "show"]
WORDS = r"""
numpy  'a b'  "$HOME"  a\ b  "numpy>=1"  numpy>=1.0  -q  -r requirements.txt  $PKG  "$PKG"  ''  ~  $UNSET  x'y'"z"  *.txt
'*.txt'  si?e  six[extra]  ${PKG:-six}  ${NO:-six}  $(echo six)  #x
"""
PREFIXES = r"""
A=1  A='x y' B=2  PKG=pandas  env  env A=1  env -u A  command  exec  nohup  time  nice -n 5  timeout 50  !  env -i PATH="$PATH"
stdbuf -oL  PATH=@uv@/bin:$PATH  eval  sudo  env -C proj  setsid -w  time -p
"""
REDIRECTIONS = r"""
>/dev/null  2>&1  > log  >> log  < requirements.txt  < missing  > no/such  2>/dev/null  &> log  <<< text  >&-
"""
OTHERS = r"""
true  false  :  cd proj  cd missing  cd ..  cd env/bin  . env/bin/activate  source env/bin/activate  ls  PKG=six  export PKG='a b'
export PATH=@uv@/bin:$PATH  unset PKG  deactivate  echo pip install x  set -e  exit  cd  cd -  [ -f requirements.txt ]
[ -f missing ]  test -d proj  # pip install no  set -- a b  mkdir new  pushd proj  popd  f() { uv pip list; }  f  (exit 1)  PKG=
command -v pip  return  trap - EXIT  trap 'uv pip list' EXIT  trap "uv pip show $PKG" 0  trap : EXIT  IFS=,  IFS=:  unset IFS
hash  hash -r  hash pip  readonly PKG  readonly PKG=six  for PKG in a b; do :; done  set -u  shift
echo numpy > new.txt  echo 'uv pip list' > run.sh  . ./run.sh  sh run.sh  echo 'PKG=six' > vars.sh  . ./vars.sh
printf 'six\n' > requirements.txt  uv pip install -r new.txt  cat > made.sh <<< 'uv pip list'
"""
SEPARATORS = [" && ", " && ", " || ", "; ", "\n", " | ", " & ", "&&", "||", ";"]


def one_of(table: str) -> st.SearchStrategy[str]:
    """One of the entries of a table, which two blanks or an end of line divide."""
    return st.sampled_from([entry for line in table.strip().splitlines() for entry in line.split("  ")])


@st.composite
def commands(draw: st.DrawFn) -> str:
    """One package manager with what stands around it."""
    prefixes = draw(st.lists(one_of(PREFIXES), max_size=2))
    words = draw(st.lists(one_of(WORDS), max_size=3))
    redirections = draw(st.lists(one_of(REDIRECTIONS), max_size=1))
    manager, verb = draw(st.sampled_from(MANAGERS)), draw(st.sampled_from(VERBS))
    return " ".join([*prefixes, manager, verb, *words, *redirections])


HERE_DOCUMENT = "cat <<X\npip install no\nX\n"
EXPANDED = [
    "cat <<X\n$(uv pip list) $PKG\nX\n",
    "cat <<'X'\n$(uv pip list)\nX\n",
    "sh <<X\nuv pip install $PKG\nX\n",
    "sh <<'X'\nuv pip install $PKG\nX\n",
    "cat > made.sh <<X\nuv pip install $PKG\nX\n",
    "cat > made.sh <<X\nuv pip install $PKG\nX\nsh made.sh",
    "cat <<-X\n\t${PKG:=six} `uv pip check`\n\tX\n",
]
AROUND = [
    "({}\n)",
    "{{ {}\n}}",
    "if true\nthen {}\nelse uv pip check\nfi",
    "for PKG in one two; do {}\ndone",
    'echo "$({}\n)"',
    "readonly PKG; for PKG in one two; do {}\ndone",
    "trap 'uv pip check' EXIT; {}",
    "(trap 'uv pip check' EXIT; {}\n)",
    "for each in $PKG; do {}\ndone",
]


@st.composite
def scripts(draw: st.DrawFn, depth: int = 2) -> str:
    """Commands joined by separators; some of them are a subshell, braces, a condition or a loop with a script inside."""
    parts = [draw(one_part(depth)) for _ in range(draw(st.integers(1, 3)))]
    return "".join(part for each in parts for part in (each, draw(st.sampled_from(SEPARATORS)))).rstrip(" &|;\n") or ":"


@st.composite
def one_part(draw: st.DrawFn, depth: int) -> str:
    """One command of a script, simple or not."""
    kind = draw(st.sampled_from(["manager"] * 5 + ["other"] * 4 + ["around"] * 3 * (depth > 0)))
    if kind == "manager":
        return draw(commands())
    if kind == "other":
        return draw(one_of(OTHERS) | st.sampled_from([HERE_DOCUMENT, *EXPANDED]))
    around = draw(st.sampled_from(AROUND))
    condition = draw(one_of(OTHERS)) if around.startswith("if") else ""
    return around.replace("true", condition, 1).format(draw(scripts(depth=depth - 1))) if "{" not in condition else ":"


@pytest.fixture(scope="module")
def machine() -> Machine:
    return kept_machine()


@pytest.mark.parametrize("shell", SHELLS)
def test_any_combination_happens_as_foretold(
    shell: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = count()
    decided: list[bool] = []
    environ = {**machine.environ("quick", shell), "PKG": "scipy"}

    @settings(
        max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(line=scripts(), failing=st.booleans())
    def compare(line: str, failing: bool) -> None:
        text = machine.fill(line)
        cwd = tmp_path / str(next(numbers))
        cwd.mkdir()
        furnish(cwd, machine.root)
        invocations = foretell(text, machine, shell, environ, cwd)
        starts = run_line(text, shell, environ, cwd, failing=failing)
        decided.append(is_decided(invocations))
        assert mistakes(text, invocations, starts, str(machine.root / "venv")) == []

    compare()
    with capsys.disabled():
        print(f"\n{Path(shell).name}: {len(decided)} combinations, {sum(decided)} decided, none wrong")
    assert sum(decided) >= 0.5 * len(decided)
