"""What is run to find something out: nothing that anybody but this user and root could have put there."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import struct
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from ipython_where.errors import CommandError, NotRunError
from ipython_where.facts.shell.shell import read_shell
from ipython_where.runner import Deadline, Door, Within, run
from ipython_where.trust import Place, Step, Us, judge_group, judge_place, judge_steps, read_steps, who_else

from .facts.shell.shells import BASH, SYSTEM_PATH, script
from .processes import BUSY, until_gone

ME, ROOT, OTHER, MINE, STAFF = 1000, 0, 1001, 1000, 50
US = Us(owners=(ROOT, ME), groups=(0, MINE))
FOLDER, FILE, LINK = stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK

# -- the rule ----------------------------------------------------------------------------------------------------------


def steps(*each: tuple[str, int, int] | tuple[str, int, int, int | None]) -> list[Step]:
    """The root, which is root's, and what follows: a path, a mode, an owner, and a group where it is not root's."""
    rows = [("/", FOLDER | 0o755, ROOT), *each]
    return [Step(path=row[0], mode=row[1], owner=row[2], group=row[3] if len(row) > 3 else 0) for row in rows]


@pytest.mark.parametrize(
    "trail",
    [
        [("/usr", FOLDER | 0o755, ROOT), ("/usr/python", FILE | 0o755, ROOT)],
        [
            ("/home", FOLDER | 0o755, ROOT),
            ("/home/x", FOLDER | 0o775, ME, MINE),
            ("/home/x/pip", FILE | 0o775, ME, MINE),
        ],
        [("/tmp", FOLDER | 0o1777, ROOT), ("/tmp/x", FOLDER | 0o700, ME), ("/tmp/x/pip", FILE | 0o755, ME)],
        [("/home", FOLDER | 0o755, ROOT), ("/home/x", FOLDER | 0o1770, ME, MINE)],
        [("/b", FOLDER | 0o755, ROOT), ("/b/pip", LINK | 0o777, ME), ("/b/own", FILE | 0o755, ROOT)],
        [("/nix", FOLDER | 0o1775, ROOT, STAFF), ("/nix/a", FOLDER | 0o555, ROOT), ("/nix/a/zsh", FILE | 0o555, ROOT)],
    ],
)
def test_what_only_this_user_and_root_could_have_put_there_is_run(trail: list[tuple[str, int, int]]) -> None:
    assert judge_steps(steps(*trail), US) is None


@pytest.mark.parametrize(
    ("trail", "reason"),
    [
        ([("/a", FOLDER | 0o777, ROOT), ("/a/pip", FILE | 0o755, ME)], "others may write to `/a`"),
        ([("/a", FOLDER | 0o1777, ROOT), ("/a/pip", FILE | 0o755, ME)], "others may write to `/a`"),
        ([("/a", FOLDER | 0o1777, ROOT), ("/a/pip", LINK | 0o777, ME)], "others may write to `/a`"),
        ([("/a", FOLDER | 0o775, ME, STAFF), ("/a/pip", FILE | 0o755, ME)], "others may write to `/a`"),
        ([("/a", FOLDER | 0o775, ME, None), ("/a/pip", FILE | 0o755, ME)], "others may write to `/a`"),
        ([("/a", FOLDER | 0o755, OTHER), ("/a/pip", FILE | 0o755, ME)], "`/a` belongs to another user"),
        ([("/a", FOLDER | 0o755, ME), ("/a/pip", FILE | 0o755, OTHER)], "`/a/pip` belongs to another user"),
        ([("/a", FOLDER | 0o755, ME), ("/a/pip", FILE | 0o757, ME)], "others may write to `/a/pip`"),
        ([("/a", FOLDER | 0o755, ME), ("/a/pip", FILE | 0o775, ME, STAFF)], "others may write to `/a/pip`"),
        ([("/a", FOLDER | 0o777, ME), ("/a/b", FOLDER | 0o755, ME), ("/a/b/pip", FILE | 0o755, ME)], "others may write to `/a`"),
        ([("/t", FOLDER | 0o1777, ROOT), ("/t/b", FOLDER | 0o755, OTHER)], "`/t/b` belongs to another user"),
        ([("/t", FOLDER | 0o1777, ROOT), ("/t/l", LINK | 0o777, OTHER)], "`/t/l` belongs to another user"),
        ([("/t", FOLDER | 0o1777, ROOT)], "others may write to `/t`"),
        ([("/t", FOLDER | 0o1770, ROOT, STAFF)], "others may write to `/t`"),
    ],
)  # fmt: skip
def test_what_others_could_have_put_there_is_not_run(trail: list[tuple[str, int, int]], reason: str) -> None:
    """Sticky folders keep others from changing what is there, and let them add more."""
    assert judge_steps(steps(*trail), US) == reason


@pytest.mark.parametrize(
    ("group", "is_private"),
    [
        (("root", "x", 0, []), True),
        (("root", "x", 0, ["me", "root"]), True),
        (("root", "x", 0, ["other"]), False),
        (("me", "x", MINE, []), True),
        (("me", "x", MINE, ["me"]), True),
        (("me", "x", MINE, ["me", "other"]), False),
        (("users", "x", MINE, []), False),  # of everybody who has it as his first group: no list names them
        (("me", "x", STAFF, []), False),
        (("staff", "x", STAFF, ["me"]), False),
    ],
)
def test_a_group_is_trusted_where_nobody_else_is_in_it(
    group: tuple[str, str, int, list[str]], is_private: bool
) -> None:
    me = pwd.struct_passwd(("me", "x", ME, MINE, "", "/home/me", "/bin/sh"))
    assert judge_group(grp.struct_group(group), me) is is_private


def test_a_program_of_the_working_directory_is_not_run() -> None:
    """Below it, PATH may name its folder by an absolute entry; to the root folder all belongs."""
    place = Place(working=("/home/x/p",), named=("/home/x/p/env/bin", "/home/x/p"))
    assert judge_place("/home/x/p", place) == "it lies in the working directory, `/home/x/p`"
    assert judge_place("/home/x/p/bin", place) == "it lies below the working directory, `/home/x/p`"
    assert judge_place("/home/x/p/env/bin", place) is None
    assert judge_place("/home/x/pq", place) is None
    assert judge_place("/usr/bin", Place(working=("/",), named=())) is None


# -- the door ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """What a program that is run leaves behind."""
    return tmp_path / "it-was-run"


def refusal(
    mark: Path,
    program: str,
    *,
    cwd: Path,
    door: Door = run,
    words: Iterable[str] = (),
    env: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Why the program is not run; and it is not."""
    with pytest.raises(NotRunError) as caught:
        door([program, *words], env={"PATH": SYSTEM_PATH, **env}, cwd=str(cwd), timeout=300)
    assert not mark.exists()
    assert caught.value.message.startswith(f"`{program}` was not run: ")
    return caught.value.message.partition(" was not run: ")[2]


def planted(mark: Path, *parts: str) -> Path:
    return script(mark.parent.joinpath(*parts), "#!/bin/sh", f"touch {mark}")


def folder(mark: Path, *parts: str) -> Path:
    made = mark.parent.joinpath(*parts)
    made.mkdir(parents=True, exist_ok=True)
    return made


def test_a_program_of_this_user_is_run(mark: Path) -> None:
    program = planted(mark, "bin", "pip")
    done = run([str(program)], env={"PATH": SYSTEM_PATH}, cwd=str(folder(mark, "here")), timeout=300)
    assert (done.returncode, mark.exists()) == (0, True)


def test_the_folder_of_a_program_decides(mark: Path) -> None:
    here, elsewhere = folder(mark, "here"), folder(mark, "elsewhere")
    program = planted(mark, "here", "pip")
    assert refusal(mark, str(program), cwd=here) == f"it lies in the working directory, `{here}`"
    assert refusal(mark, "./pip", cwd=here) == "`./pip` is reached from the working directory"
    assert refusal(mark, "pip", cwd=here, env={"PATH": "."}) == "`pip` is reached from the working directory"
    above = f"{elsewhere}/../here/pip"
    assert refusal(mark, above, cwd=elsewhere) == f"`{above}` is reached from the working directory"
    below = planted(mark, "here", "sub", "pip")
    assert refusal(mark, str(below), cwd=here) == f"it lies below the working directory, `{here}`"
    (elsewhere / "pip").symlink_to(program)
    assert refusal(mark, f"{elsewhere}/pip", cwd=here) == f"it lies in the working directory, `{here}`"
    (mark.parent / "same").symlink_to(here)
    assert refusal(mark, f"{mark.parent}/same/pip", cwd=here) == f"it lies in the working directory, `{here}`"
    assert refusal(mark, str(program), cwd=mark.parent / "same") == f"it lies in the working directory, `{here}`"


def test_the_user_s_own_path_counts_not_one_that_a_command_line_sets(mark: Path) -> None:
    here, below = folder(mark, "here"), planted(mark, "here", "sub", "pip")
    env = {"PATH": f"{below.parent}:{SYSTEM_PATH}"}
    assert "below the working" in refusal(mark, str(below), cwd=here, door=Door(path=SYSTEM_PATH), env=env)
    Door(path=env["PATH"])([str(below)], env=env, cwd=str(here), timeout=300)
    assert mark.exists()


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757])
def test_a_folder_that_others_may_write(mark: Path, mode: int) -> None:
    here, program = folder(mark, "here"), planted(mark, "open", "pip")
    program.parent.chmod(mode)
    assert refusal(mark, str(program), cwd=here) == f"others may write to `{program.parent}`"
    (folder(mark, "safe") / "pip").symlink_to(program)
    assert refusal(mark, str(mark.parent / "safe" / "pip"), cwd=here) == f"others may write to `{program.parent}`"
    deep = planted(mark, "open", "deep", "bin", "pip")
    if not mode & stat.S_ISVTX:
        assert refusal(mark, str(deep), cwd=here) == f"others may write to `{program.parent}`"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_belongs_to_another_user(mark: Path) -> None:
    here, program = folder(mark, "here"), planted(mark, "theirs", "pip")
    os.chown(program, 12345, 12345)
    assert refusal(mark, str(program), cwd=here) == f"`{program}` belongs to another user"
    os.chown(program, 0, 0)
    os.chown(program.parent, 12345, 12345)
    assert refusal(mark, str(program), cwd=here) == f"`{program.parent}` belongs to another user"
    os.chown(program.parent, 0, 12345)
    program.parent.chmod(0o775)
    assert refusal(mark, str(program), cwd=here) == f"others may write to `{program.parent}`"


def test_a_file_that_others_may_write(mark: Path) -> None:
    program = planted(mark, "bin", "pip")
    program.chmod(0o777)
    assert refusal(mark, str(program), cwd=folder(mark, "here")) == f"others may write to `{program}`"


def test_what_a_program_leads_to_is_judged_too(mark: Path) -> None:
    """The interpreter of a script, and the files among its words."""
    here, python = folder(mark, "here"), planted(mark, "open", "python")
    python.parent.chmod(0o777)
    wrapper = script(mark.parent / "bin" / "pip", f"#!{python}")
    assert refusal(mark, str(wrapper), cwd=here) == f"others may write to `{python.parent}`"
    wrapper = script(mark.parent / "bin" / "pip2", "#!./python")
    assert refusal(mark, str(wrapper), cwd=here) == "`./python` is reached from the working directory"
    words = ["-c", '"$0"', str(python)]
    assert refusal(mark, "/bin/sh", cwd=here, words=words) == f"others may write to `{python.parent}`"


@pytest.mark.parametrize("variable", ["PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYENV_HOOK_PATH"])
def test_where_a_program_finds_others_is_judged_too(mark: Path, variable: str) -> None:
    """A wrapper that calls `python` gets the first on PATH."""
    here, program, public = folder(mark, "here"), str(planted(mark, "bin", "pip")), folder(mark, "open")
    public.chmod(0o1777)

    def said(value: str) -> str:
        return refusal(mark, program, cwd=here, env={variable: value})

    assert said("/usr/bin:.") == f"`.` on {variable} means the working directory"
    assert said("/usr/bin::/bin") == f"an empty entry of {variable} means the working directory"
    assert said("/usr/bin:") == f"an empty entry of {variable} means the working directory"
    assert said("bin:/bin") == f"`bin` on {variable} means the working directory"
    assert said(f"/bin:{here}") == f"{variable} has the working directory, `{here}`"
    assert said(f"/bin:{public}") == f"{variable} has `{public}`: others may write to `{public}`"
    assert said(f"/bin:{public}/gone") == f"{variable} has `{public}/gone`: others may write to `{public}`"


def test_a_library_that_is_loaded_first_is_judged_too(mark: Path) -> None:
    here, program = folder(mark, "here"), str(planted(mark, "bin", "pip"))
    assert (
        refusal(mark, program, cwd=here, env={"LD_PRELOAD": "./x.so"})
        == "`.` on LD_PRELOAD means the working directory"
    )
    for variable, value in (
        ("LD_PRELOAD", "x.so:./y.so"),  # the first is looked for where libraries are
        ("LD_PRELOAD", "/lib/x.so ./y.so"),
        ("LD_AUDIT", "x.so:./y.so"),
        ("LD_LIBRARY_PATH", "/lib;."),
    ):
        told = refusal(mark, program, cwd=here, env={variable: value})
        assert told == f"`.` on {variable} means the working directory"


def test_a_script_that_names_itself_as_its_interpreter_has_an_end(mark: Path) -> None:
    """The system ends it: there is no program to be started."""
    here, file = folder(mark, "here"), mark.parent / "bin" / "pip"
    script(file, f"#!{file}")
    with pytest.raises(CommandError):
        run([str(file)], env={"PATH": SYSTEM_PATH}, cwd=str(here), timeout=300)


def test_the_file_that_bash_runs_first_is_judged_too(mark: Path) -> None:
    here, program = folder(mark, "here"), str(planted(mark, "bin", "pip"))
    own = planted(mark, "here", "env.sh")
    start = f"it would run `{own}` first: "
    assert (
        refusal(mark, program, cwd=here, env={"BASH_ENV": str(own)})
        == f"{start}it lies in the working directory, `{here}`"
    )
    relative = "it would run `env.sh` first: `env.sh` is reached from the working directory"
    assert refusal(mark, program, cwd=here, env={"BASH_ENV": "env.sh"}) == relative
    for computed in ("$(./env.sh)", "`./env.sh`", "${PWD}/env.sh"):
        worked_out = f"the shell works out what it would run first: `{computed}`"
        assert refusal(mark, program, cwd=here, env={"BASH_ENV": computed}) == worked_out


@pytest.mark.usefixtures("shells")
def test_a_home_is_not_a_stranger_s_folder_to_the_files_that_a_shell_runs_there(mark: Path) -> None:
    home, zsh = folder(mark, "home"), folder(mark, "bin") / "zsh"
    shutil.copy("/bin/sh", zsh)
    own, here = planted(mark, "home", ".zshenv"), folder(mark, "home", "here")
    for cwd in (home, here):
        assert run([str(zsh), "-c", "true"], env={"HOME": str(home)}, cwd=str(cwd), timeout=300).returncode == 0
    stranger = planted(mark, "home", "here", ".zshenv")
    start = f"it would run `{stranger}` first: "
    told = refusal(mark, str(zsh), cwd=here, env={"HOME": str(home), "ZDOTDIR": str(here)})
    assert told == f"{start}it lies in the working directory, `{here}`"
    own.chmod(0o777)
    told = refusal(mark, str(zsh), cwd=home, env={"HOME": str(home)})
    assert told == f"it would run `{own}` first: others may write to `{own}`"


def test_the_steps_go_through_every_link(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").touch()
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to(tmp_path / "b" / ".." / "b")
    seen = [step.path for step in read_steps(str(tmp_path / "c" / "file")) or ()]
    inside = [path.removeprefix(f"{tmp_path}/") for path in seen if path.startswith(f"{tmp_path}/")]
    assert inside == ["c", "b", "a", "b", "a", "a/file"]
    (tmp_path / "loop").symlink_to("loop")
    assert read_steps(str(tmp_path / "loop")) is None
    assert read_steps("/a\0b") is None


@pytest.mark.usefixtures("shells")
def test_all_that_a_question_runs_shares_its_time(tmp_path: Path) -> None:
    """Several programs that never answer do not add up."""
    for name in ("pip", "python", "uv"):
        script(tmp_path / "bin" / name, "#!/bin/sh", "sleep 600")
    (tmp_path / "here").mkdir()
    environ = {"PATH": f"{tmp_path}/bin:{SYSTEM_PATH}", "SHELL": BASH, "HOME": "/nonexistent"}
    start = time.perf_counter()
    within = Within(run=run, deadline=Deadline.after(1))
    shell = read_shell(kernel_prefix=sys.prefix, environ=environ, cwd=str(tmp_path / "here"), run=within)
    assert time.perf_counter() - start < BUSY  # each sleeps for ten minutes; the question has a second
    assert [(each.prefix, each.interpreter) for each in shell.commands] == [(None, None)] * 4
    assert "` did not answer within " in shell.pip.evidence
    over = f"`{tmp_path}/bin/python` was not run: the time for this question was over"
    assert (shell.python.evidence, shell.uv.evidence) == (over, over)


def test_a_clock_that_goes_on_is_what_a_deadline_needs() -> None:
    deadline = Deadline.after(5, clock=iter([10.0, 12.0, 99.0]).__next__)
    assert (deadline.left(), deadline.left()) == (3.0, 0.0)


# -- running -----------------------------------------------------------------------------------------------------------


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    """A wrapper's child would hold the output open, and work on."""
    program = script(tmp_path / "bin" / "pip", "#!/bin/sh", f"(sleep 600; :) & echo $! > {tmp_path}/pid", "wait")
    with pytest.raises(CommandError) as caught:
        run([str(program)], env={"PATH": SYSTEM_PATH}, cwd="/", timeout=5)
    assert caught.value.message == f"`{program}` did not answer within 5 seconds"
    until_gone(int((tmp_path / "pid").read_text()))


def test_what_goes_on_behind_a_program_that_ended_is_not_waited_for(tmp_path: Path) -> None:
    program = script(tmp_path / "bin" / "pip", "#!/bin/sh", "echo told", "sleep 600 &", f"echo $! > {tmp_path}/pid")
    done = run([str(program)], env={"PATH": SYSTEM_PATH}, cwd="/", timeout=300)
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert done.stdout == "told\n"


def test_output_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    program = script(tmp_path / "bin" / "pip", "#!/bin/sh", "head -c 9000000 /dev/zero")
    done = run([str(program)], env={"PATH": SYSTEM_PATH}, cwd="/", timeout=300)
    assert (done.returncode, len(done.stdout)) == (0, 4_000_000)


# -- files as they are -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
@pytest.mark.parametrize(
    ("owner", "group", "mode", "reason"),
    [
        (0, 0, 0o775, None),
        (0, 0, 0o757, "others may write to `{}`"),
        (0, 1, 0o775, "others may write to `{}`"),
        (0, 54321, 0o775, "others may write to `{}`"),  # a group that is in no list
        (0, 54321, 0o755, None),
        (54321, 0, 0o755, "`{}` belongs to another user"),
    ],
)
def test_a_file_is_judged_by_its_owner_and_its_group(
    mark: Path, owner: int, group: int, mode: int, reason: str | None
) -> None:
    file = mark.parent / "file"
    file.touch()
    os.chown(file, owner, group)
    file.chmod(mode)
    assert who_else(str(file)) == (reason and reason.format(file))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux keeps access lists there")
def test_an_access_list_may_let_in_more_than_the_mode_tells(mark: Path) -> None:
    """The group's bits are then the list's mask (acl(5)): here a user of its own may write."""
    file = mark.parent / "file"
    file.touch()
    file.chmod(0o775)
    os.chown(file, -1, os.getegid())
    rights = [
        (0x01, 7, 0xFFFFFFFF),
        (0x02, 7, 54321),
        (0x04, 5, 0xFFFFFFFF),
        (0x10, 7, 0xFFFFFFFF),
        (0x20, 5, 0xFFFFFFFF),
    ]
    listed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in rights)
    try:
        os.setxattr(file, "system.posix_acl_access", listed)
    except OSError:
        pytest.skip("this file system has no access lists")
    assert stat.S_IMODE(file.stat().st_mode) == 0o775
    assert read_steps(str(file))[-1].group is None  # type: ignore[index]
    assert who_else(str(file)) == f"others may write to `{file}`"
    file.chmod(0o755)  # the mask takes it from all of them
    assert who_else(str(file)) is None


def test_as_many_links_are_followed_as_the_system_follows(mark: Path) -> None:
    at = mark.parent / "0"
    at.touch()
    for count in range(1, 42):
        link = mark.parent / str(count)
        link.symlink_to(at)
        at = link
    assert who_else(str(mark.parent / "40")) is None
    assert who_else(str(at)) == f"`{at}` cannot be looked at"
