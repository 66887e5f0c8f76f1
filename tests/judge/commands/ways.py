"""Command lines by what in them decides, from the manuals of bash, dash and zsh: one a line, written as in `corpus.py`.

A `␤` stands for the end of a line.
"""

from __future__ import annotations

MENDED = r"""
awk 'BEGIN { system("pip install numpy") }'
sed -n '1e pip install numpy' one.txt
TRAPEXIT() { pip check; }
TRAPZERR() { pip check; }; false
chpwd() { pip check; }; cd proj
OLDPWD=proj; cd -; pip install .
PATH=@uv@/bin:$PATH alias x=y; pip install numpy
PATH=@uv@/bin:$PATH export PATH; pip install numpy
PATH=@uv@/bin:$PATH readonly PATH; pip install numpy
export POSIXLY_CORRECT=; bash -c 'PATH=@uv@/bin:$PATH eval :; pip install numpy'
f() { local PATH=@uv@/bin:$PATH; bash -c 'pip list'; }; f
f() { local -x P=a; bash -c 'pip install x$P'; }; f
f() { typeset -x PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { local -g PATH=@uv@/bin:$PATH; }; f; pip install numpy
f() { local P=1; declare -g P=2; pip install $P; }; f; pip install $P
f() { local -; set -e; }; f; false; pip install numpy
pip() { :; }; unset -fv pip; pip install numpy
pip() { :; }; typeset -fx pip; bash -c 'pip install numpy'
pip() { :; }; declare -fx pip; bash -c 'pip install numpy'; sh -c 'pip list'
pip-install() { pip install "$@"; }; pip-install numpy
@pip() { pip list; }; @pip; pip check
./pip() { pip list; }; ./pip; pip check
f.g() { pip list; }; f.g
f:g() { pip list; }; f:g
setarch -R pip install numpy
setarch -v -R sh -c 'pip install numpy'
stdbuf pip install numpy
setsid -c pip install numpy
busybox sh setup.sh
env =x pip install numpy
time -p -- pip install numpy
time -- pip install numpy
set -u; X=$NO pip list; pip check
set -u; cat <<X␤$NO␤X␤pip check
set -u; : $((NO+1)); pip check
set -u; ((NO)); pip check
cat <<X␤${NO:?x}␤X␤pip check
X=${A:=x} pip install y$A; pip install z$A
cat <<X > log␤${A:=x}␤X␤pip install y$A
printf -vA x; pip install $A
exec -a x; pip install numpy
(exec -a sh bash -c 'PATH=@uv@/bin:$PATH :; pip install numpy')
exec -z; pip check
path=(@uv@/bin $path) pip install numpy
path[1]=(); pip install numpy
local path=(@uv@/bin); pip install numpy
read -A path <<< @uv@/bin; pip install numpy
for path in @uv@/bin; do pip install numpy; done
export PA''TH=@uv@/bin:$PATH; pip install numpy
readonly PATH; source env/bin/activate; pip install numpy
readonly PATH; f() { local PATH=@uv@/bin; pip list; }; f; pip install numpy
readonly PATH; read PATH < one.txt; pip install numpy
readonly VIRTUAL_ENV=x; source env/bin/activate; pip install numpy
cd env/bin && source activate && pip install numpy
cd -e proj; pip install .
python -S -m pip install numpy
python get-pip.py
$(type -p pip) install numpy
PYTHONHOME=/nowhere python -m pip install numpy
PYTHONHOME=@uv@ pip install numpy
PYTHONEXECUTABLE=@uv@/bin/python python -m pip list
__PYVENV_LAUNCHER__=x pip list
mamba run -n work pip install numpy
pip install a}
pip install a 10> x
pip install a > /dev/tty
{pip install a; }
pip install a; { }
echo "${NO:-`pip install a`}"
ls > ${A:=x}; pip install y$A
: > ${A:=x}; pip install y$A
set -u; ls > ${NO}; pip install numpy
set -u; : > ${NO}; pip install numpy
set -u; : <<X␤$NO␤X␤pip install numpy
set -u; echo <<X␤$NO␤X␤pip install numpy
f() { :; }; f <<X␤${A:=x}␤X␤pip install y$A
f() { :; }; f > ${A:=x}; pip install y$A
{ :; } > ${A:=x}; pip install y$A
B=${A:=x} ls; pip install y$A
set -u; B=$NO ls; pip install numpy
set -u; B=$NO pip list; pip install numpy
exec 3<<X␤${A:=x}␤X␤pip install y$A
A=${B:=x} > ${C:=y}; pip install $B $C
> ${C:=y}; pip install z$C
(true) > ${C:=y}; pip install z$C
pip install numpy > ${NO:?x}; pip list
pip install ${A:=x} > $A; pip install $A
command ls > ${A:=x}; pip install y$A
time ls > ${A:=x}; pip install y$A
f() { local P=1; g; }; g() { unset P; pip install x$P; }; P=0; f; pip install $P
f() { local P=1; g; pip install $P; }; g() { declare -g P=5; }; P=0; f; pip install $P
f() { local P=1; g; pip install $P; }; g() { typeset -g P=5; }; P=0; f; pip install $P
P=a; P=b export P; pip install $P
P=a; P=b declare P; pip install $P
P=a; P=b typeset -x P; pip install $P
P=a; P=b export P=c; pip install $P
P=a; P=b hash x=y; pip install $P
P=a; P=b builtin alias x=y; pip install $P
f() { local PATH=@uv@/bin:$PATH; pip list; }; f; pip list
f() { local PATH=@uv@/bin:$PATH; @uv@/bin/pip list; env pip list; }; f; pip list
f() { export PATH=@uv@/bin:$PATH; pip list; }; f; pip list
f() { local P=1; export P; env pip install $P; }; f; pip list
f() { local -; set -u; echo $NO; pip list; }; f; pip check
f() { set -e; local -; set +e; false; pip list; }; f; false; pip check
f() { local - P=1; set -e; }; f; false; pip list
strace ./setup.sh
script -c ./setup.sh
busybox sh < pip.txt
watch -g ./setup.sh
set -u; f() { pip list; }; f <<X␤$NO␤X␤pip install numpy
set -u; pwd > $NO; pip install numpy
set -u; cd proj <<X␤$NO␤X␤pip install .
env -a sh bash -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
exec -a x; pip check
exec -a x > log; pip check
printf -vA x; pip install y$A
set -u; ((NO+1)); pip list
path=(@uv@/bin $path) pip list; pip install numpy
for PATH in @uv@/bin; do pip install numpy; done
readonly PATH; . env/bin/activate; pip install numpy
. env/bin/activate; readonly PATH; deactivate; pip install numpy
readonly P=1; f() { local P=2; pip install $P; }; f; pip install $P
cd env/bin && . activate && pip install numpy
cd env/bin && . ./activate && pip install numpy
readonly PATH; . ~/miniconda3/etc/profile.d/conda.sh; conda activate work; pip install numpy
readonly OPTARG; getopts a: X -ab; pip install numpy
PATH=@uv@/bin; path+=(@quick@/bin); pip install numpy
zsh -fc 'path=(@uv@/bin); pip list'; pip list
python -IS -m pip install numpy
PYTHONPATH=shadow python -S -m pip install numpy
echo ${NO:-`pip install a`}
echo "${HOME:+`pip install a`}"
X=abc; echo "${X/b/`pip install a`}"
cat <<E␤${NO:-`pip install a`}␤E
{ pip install a; } 10> x
pip install "a}"
pip install ${HOME}}
"""
"""What was told wrong in some shell when it was first tried: every shell tries it."""

LASTING = r"""
A=1 PATH=@uv@/bin:$PATH . ./setup-vars.sh; pip install numpy
PATH=@uv@/bin:$PATH source ./setup-vars.sh; pip install numpy
PATH=@uv@/bin:$PATH typeset X=1; pip install numpy
PATH=@uv@/bin:$PATH declare X=1; pip install numpy
PATH=@uv@/bin:$PATH local X=1; pip install numpy
PATH=@uv@/bin:$PATH getopts a X; pip install numpy
PATH=@uv@/bin:$PATH read X < one.txt; pip install numpy
PATH=@uv@/bin:$PATH printf x; pip install numpy
PATH=@uv@/bin:$PATH umask 022; pip install numpy
PATH=@uv@/bin:$PATH wait; pip install numpy
PATH=@uv@/bin:$PATH kill -0 $$; pip install numpy
PATH=@uv@/bin:$PATH type pip; pip install numpy
PATH=@uv@/bin:$PATH let X=1; pip install numpy
PATH=@uv@/bin:$PATH pushd proj; pip install numpy
PATH=@uv@/bin:$PATH builtin :; pip install numpy
PATH=@uv@/bin:$PATH builtin export Q=1; pip install numpy
PATH=@uv@/bin:$PATH builtin eval 'pip list'; pip install numpy
PATH=@uv@/bin:$PATH eval 'export Q=1'; pip install numpy
PATH=@uv@/bin:$PATH eval 'PATH=$PATH'; pip install numpy
PATH=@uv@/bin:$PATH continue; pip install numpy
PATH=@uv@/bin:$PATH return 2>/dev/null; pip install numpy
PATH=@uv@/bin:$PATH unset PATH; pip install numpy
PATH=@uv@/bin:$PATH export -p > log; pip install numpy
PATH=@uv@/bin:$PATH set -o posix; pip install numpy
PATH=@uv@/bin:$PATH exec < one.txt; pip install numpy
PATH=@uv@/bin:$PATH exec 2>&1; pip install numpy
PATH=@uv@/bin:$PATH trap 'pip list' EXIT; pip install numpy
PATH=@uv@/bin:$PATH command set -- a; pip install numpy
PATH=@uv@/bin:$PATH command . ./setup-vars.sh; pip install numpy
PATH=@uv@/bin:$PATH command -p pip list; pip install numpy
PATH=@uv@/bin:$PATH command -v pip; pip install numpy
PATH=@uv@/bin:$PATH command command eval 'pip list'; pip install numpy
set -o posix; PATH=@uv@/bin:$PATH eval 'pip list'; pip install numpy
set -o posix; PATH=@uv@/bin:$PATH export A=1; pip install numpy
set -o posix; PATH=@uv@/bin:$PATH . ./setup-vars.sh; pip install numpy
set -o posix; PATH=@uv@/bin:$PATH command :; pip install numpy
set -o posix; f() { :; }; PATH=@uv@/bin:$PATH f; pip install numpy
set -o posix; export PATH=@uv@/bin:$PATH; pip install numpy
set -o posix; readonly P=1; P=2; pip install numpy
set -o posix; shift 5; pip install numpy
set -o posix; unset 1x; pip install numpy
set -o posix; source ./missing.sh; pip install numpy
set -o posix; command . ./missing.sh; pip install numpy
set -o posix; exec < missing; pip install numpy
set -o posix; : < missing; pip install numpy
set -o posix; for PATH in @uv@/bin; do pip list; done; pip install numpy
set -o posix; eval '('; pip install numpy
set -o posix; trap 'pip list' SIGEXIT; pip check
set -o posix; [ a = a ] && pip install numpy
set -o posix; pip install ~/x x=~/y
set -o posix; hash -p @uv@/bin/pip pip; pip install numpy
set -o posix; function pip { echo; }; pip install numpy
set -o posix; export() { :; }; export PATH=@uv@/bin; pip install numpy
POSIXLY_CORRECT=1; PATH=@uv@/bin:$PATH :; pip install numpy
POSIXLY_CORRECT=1 bash -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
emulate sh; PATH=@uv@/bin:$PATH :; pip install numpy
emulate ksh; PATH=@uv@/bin:$PATH :; pip install numpy
setopt posixbuiltins; PATH=@uv@/bin:$PATH :; pip install numpy
setopt posix_builtins; PATH=@uv@/bin:$PATH export A=1; pip install numpy
set -o posixbuiltins; . ./missing.sh; pip install numpy
zsh --emulate sh -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
zsh -o posixbuiltins -c 'PATH=@uv@/bin:$PATH eval :; pip install numpy'
bash -o posix -c 'PATH=@uv@/bin:$PATH eval :; pip install numpy'
sh -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
sh -c 'PATH=@uv@/bin:$PATH export A=1; pip install numpy'
sh -c 'f() { :; }; PATH=@uv@/bin:$PATH f; pip install numpy'
sh -c '. ./missing.sh; pip install numpy'
bash -c '. ./missing.sh; pip install numpy'
zsh -c '. ./missing.sh; pip install numpy'
dash -c 'source ./setup-path.sh; pip install numpy'
bash -c 'source ./setup-path.sh; pip install numpy'
f() { local PATH=@uv@/bin; unset PATH; pip list; }; f; pip install numpy
f() { local PATH=@uv@/bin:$PATH; g; }; g() { unset PATH; pip list; }; f; pip install numpy
f() { local P=a; bash -c 'pip install x$P'; }; P=b; f
f() { local P=a; bash -c 'pip install x$P'; }; export P=b; f
f() { local -r P=a; P=b; pip install $P; }; f; P=c; pip install $P
f() { readonly P=a; P=b; pip install $P; }; f; pip list
f() { typeset -r P=a; }; f; P=b; pip install $P
f() { typeset -gx PATH=@uv@/bin:$PATH; }; f; pip install numpy
f() { declare -gx PATH=@uv@/bin:$PATH; }; f; pip install numpy
f() { eval 'local PATH=@uv@/bin:$PATH'; pip list; }; f; pip install numpy
f() { eval "export PATH=@uv@/bin:\$PATH"; }; f; pip install numpy
f() { local P; : ${P:=a}; pip install $P; }; P=b; f; pip install $P
f() { local P=${P:-x}; pip install $P; }; P=b; f
f() { local PATH=$1:$PATH; shift; "$@"; }; f @uv@/bin pip install numpy; pip list
f() { local -; set -f; pip install wheels/*; }; f; pip install wheels/*
f() { local -n r=PATH; r=@uv@/bin:$r; }; f; pip install numpy
f() ( PATH=@uv@/bin:$PATH; pip list ); f; pip install numpy
f() { PATH=@uv@/bin:$PATH; } | cat; f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; f | cat; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; f & wait; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; X=$(f); pip install numpy
f() { PATH=@uv@/bin:$PATH; }; f > log; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; command f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; eval f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; if f; then pip install numpy; fi
f() { PATH=@uv@/bin:$PATH; }; f && pip install numpy || pip list
f() { PATH=@uv@/bin:$PATH; }; ! f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; time f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; [ "$(f)" ]; pip install numpy
f() { cd proj; }; f; pip install .
f() { cd proj; }; (f); pip install .
f() { cd proj; }; f || true; pip install .
f() { alias pip=echo; }; f; eval 'pip install numpy'
f() { set -e; }; f; false; pip install numpy
f() { set -u; }; f; echo $NOPE; pip install numpy
f() { shift; pip install $1; }; set -- z; f a b; pip install $1
f() { pip install $#; }; f; f a; f "a b" c
f() { pip install "${@:2}"; }; f a b c
f() { pip install "${@: -1}"; }; f a b c
f() { pip install ${!#}; }; f a b
f() { pip install ${@#x}; }; f xa xb
f() { set --; pip install "x$1"; }; f a
f() { g "$@"; }; g() { pip install "$@"; }; f "a b" c
f() { for p; do pip install "$p"; done; }; f a "b c"
f() { while [ $# -gt 0 ]; do pip install $1; shift; done; }; f a b
f() { case $1 in -u) PATH=@uv@/bin:$PATH;; esac; shift; pip "$@"; }; f -u install numpy
f() { local x=$(pip list); pip install numpy; }; f
f() { return 3; pip list; }; f; pip install x$?
f() { false; return; }; f && pip install numpy
f() { true; return; }; f && pip install numpy
f() { pip list; return $?; }; f && pip install numpy
f() { trap 'pip list' EXIT; }; f; pip install numpy
f() { trap 'pip list' EXIT; exit; }; f; pip install numpy
(f() { pip list; }); f; pip install numpy
true && f() { pip list; }; f
false && f() { pip list; }; f; pip install numpy
{ f() { pip list; }; }; f
f() { pip list; } 2>/dev/null; f
f() { pip list; } < missing; f; pip install numpy
unset -v pip; pip install numpy
pip=echo; pip install numpy
pip() { :; }; pip3 install numpy
pip() { :; }; python -m pip install numpy
pip() { :; }; ./env/bin/pip install numpy
pip() { :; }; "pip" install numpy
pip() { :; }; exec pip install numpy
pip() { :; }; nice pip install numpy
pip() { :; }; echo numpy | xargs pip install
pip() { :; }; unset -f pip3; pip install numpy
pip() { :; }; f() { unset -f pip; }; f; pip install numpy
pip() { :; }; eval 'unset -f pip'; pip install numpy
pip() { :; }; $(unset -f pip); pip install numpy
pip() { :; }; sh -c 'pip install numpy'
pip() { python -m pip "$@" || return 1; }; pip install numpy && pip list
pip() { unset -f pip; pip "$@"; }; pip install numpy; pip list
pip() { builtin command pip --isolated "$@"; }; pip install numpy
pip() { \pip "$@"; }; pip install numpy
pip() { /bin/echo pip "$@"; }; pip install numpy
3() { pip list; }; 3
:() { pip list; }; :; pip check
.() { pip list; }; . x; pip check
test() { return 1; }; test a = a || pip install numpy
test() { return 1; }; [ a = a ] && pip install numpy
printf() { pip list; }; printf x
set() { :; }; set -e; false; pip install numpy
unset() { :; }; unset PATH; pip install numpy
return() { :; }; f() { return; pip list; }; f
local() { :; }; f() { local PATH=x; pip list; }; f
hash() { :; }; hash -p @uv@/bin/pip pip; pip install numpy
alias() { pip list; }; alias x=y
read() { P=numpy; }; read P; pip install $P
shift() { :; }; set -- a b; shift; pip install $1
trap() { :; }; trap 'pip list' EXIT; pip check
exec() { :; }; exec pip list; pip check
nice() { "$@"; }; PATH=@uv@/bin:$PATH nice pip install numpy
which() { echo pip; }; $(which x) install numpy
pwd() { echo /; }; $(pwd)/env/bin/pip install numpy
command_not_found_handle() { pip "$@"; }; nosuch install numpy
declare -A BASH_CMDS; BASH_CMDS[pip]=@uv@/bin/pip; pip install numpy
BASH_ALIASES[p]='pip install'; p numpy
BASH_ALIASES[pip]=echo; pip install numpy
shopt -s expand_aliases␤BASH_ALIASES[p]='pip install'␤p numpy
shopt -s expand_aliases␤alias pip='pip --isolated'␤pip install numpy
shopt -s expand_aliases␤alias if='pip list;'␤if
shopt -s expand_aliases␤alias e='env '␤alias pip=pip3␤e pip install numpy
shopt -s expand_aliases␤alias A='PATH=@uv@/bin:$PATH '␤A pip install numpy
shopt -s expand_aliases␤alias pip='echo #'␤pip install numpy␤pip3 list
shopt -s expand_aliases␤alias x='pip list; pip check'␤x
shopt -s expand_aliases␤alias x='pip list | '␤x cat
shopt -s expand_aliases␤alias pip=echo␤unalias pip␤pip install numpy
shopt -s expand_aliases␤alias pip=echo␤f() { pip install numpy; }␤f
shopt -s expand_aliases␤f() { pip install numpy; }␤alias pip=echo␤f
alias pip=echo␤f() { pip install numpy; }␤f
alias pip=echo␤"pip" install numpy
alias pip=echo␤pi\␤p install numpy
alias pip=echo␤unalias -a␤pip install numpy
alias pip=echo␤(pip install numpy)
alias pip=echo␤X=$(pip install numpy)␤pip3 list
alias pip=echo␤env pip install numpy
alias pip=echo␤command pip install numpy
alias pip=echo␤bash -c 'pip install numpy'
alias pip=echo␤python -m pip install numpy
alias echo='echo '␤alias numpy=pip␤echo numpy
alias nice='nice '␤alias pip=echo␤nice pip install numpy
alias pip=echo pip3=echo␤if true; then pip install numpy; fi
if true; then␤alias pip=echo␤pip install numpy␤fi␤pip install pandas
{ alias pip=echo␤pip install numpy␤}
(alias pip=echo)␤pip install numpy
alias pip=echo | cat␤pip install numpy
alias -- pip=echo␤pip install numpy
alias 'pip=echo'␤pip install numpy
alias p␤pip install numpy
alias p=pip; eval 'p list'
alias p=pip␤eval 'p list'
alias sudo=␤sudo pip install numpy
alias pip=␤pip install numpy
alias pip=pip␤pip install numpy
alias pip=@uv@/bin/pip␤pip install numpy
alias pip='python -m pip'␤pip install numpy
alias python=@uv@/bin/python␤python -m pip install numpy
alias python=python3 pip='python -m pip'␤pip install numpy
"""
"""What outlasts a command, and what a word is bound to: functions, aliases, `hash`."""

STARTING = r"""
flock -s lock pip install numpy
flock -x -w 1 lock pip install numpy
flock -E 3 lock pip install numpy
flock -u 9 pip install numpy; pip list
flock 9 9>lock; pip install numpy
flock --exclusive --close lock pip install numpy
flock --command 'pip install numpy' lock; pip list
flock lock --command 'pip install numpy'
flock lock sh -c 'pip install numpy'
flock -h; pip install numpy
flock; pip install numpy
flock lock; pip install numpy
flock proj pip install numpy
flock -o proj -c "pip install 'a b'"
flock missing/lock pip install numpy
flock -F lock pip install numpy
flock --verbose lock pip install numpy
taskset -a 1 pip install numpy
taskset --cpu-list 0 pip install numpy
taskset 0x1 env A=1 pip install numpy
taskset; pip install numpy
taskset zz pip install numpy
taskset -c 0 taskset -c 0 pip install numpy
chrt -o 0 pip install numpy
chrt --idle 0 pip install numpy
chrt -b -v 0 pip install numpy
chrt 0 pip install numpy
chrt -m; pip install numpy
chrt -p $$; pip install numpy
ionice pip install numpy
ionice -c idle pip install numpy
ionice -tc3 pip install numpy
ionice --class 3 pip install numpy
ionice --class=best-effort --classdata=7 pip install numpy
ionice -n 3 pip install numpy
ionice -c 9 pip install numpy
nice -5 pip install numpy
nice -n5 pip install numpy
nice --5 pip install numpy
nice -n -0 pip install numpy
nice; pip install numpy
nice -n; pip install numpy
nice --version; pip install numpy
nice -n 1 nice -n 1 nohup timeout 9 pip install numpy
setarch pip install numpy
setarch linux64 pip install numpy
setarch $(uname -m) -R pip install numpy
setarch --list; pip install numpy
unshare pip install numpy
unshare -U pip install numpy
unshare -r pip install numpy
unshare --fork --pid pip install numpy
unshare -rm sh -c 'pip install numpy'
nsenter -t 1 pip install numpy
runuser -u nobody pip install numpy
runuser -u nobody -- pip install numpy
su -c 'pip install numpy'
su nobody -c 'pip install numpy'
su - ada -c "pip install numpy"
doas -u nobody pip install numpy
chroot / pip install numpy
systemd-run --user pip install numpy
parallel pip install ::: numpy pandas
parallel pip install {} ::: numpy
ls | parallel pip install
torsocks pip install numpy
proxychains4 pip install numpy
firejail pip install numpy
faketime yesterday pip install numpy
watch -n 1 pip list
watch -g pip list
entr pip install numpy
logger pip install numpy
expect -c 'spawn pip install numpy'
gdb --args pip install numpy
ltrace pip list
valgrind pip list
perf stat pip install numpy
hyperfine 'pip list'
tmux new -d 'pip install numpy'
screen -dm pip install numpy
at now <<< 'pip install numpy'
script -c 'pip install numpy' /dev/null
script -q -c 'pip install numpy'
script -qc "pip install numpy && pip list" log
script --command 'pip install numpy' log
script --command='pip install numpy' -q /dev/null
script -q /dev/null -c 'pip install numpy'
script -eqc 'cd proj; pip install .' /dev/null
script -V; pip list
SHELL=@tools@/dash script -qc 'pip install numpy' log
stdbuf -i0 -o0 -e0 pip install numpy
stdbuf --output L --error=0 pip install numpy
stdbuf -oX pip install numpy
stdbuf -o0; pip install numpy
stdbuf --help; pip install numpy
setsid --wait pip install numpy; pip list
setsid -V pip install numpy
prlimit --nofile=100 --core=0 pip install numpy
prlimit -v; pip install numpy
prlimit --pid $$; pip install numpy
prlimit --bogus pip install numpy
numactl -N 0 pip install numpy
busybox env pip install numpy
busybox nice pip install numpy
busybox timeout 5 pip install numpy
busybox pip install numpy
busybox ash -c 'pip install numpy'
busybox echo pip install numpy
timeout 5s nice pip install numpy
timeout -k 5 10 pip install numpy
timeout --kill-after=5 10 pip install numpy
timeout -k5 10 pip install numpy
timeout --signal=INT 1m pip install numpy
timeout 5 timeout 5 pip install numpy
timeout pip install numpy; pip list
timeout 5; pip install numpy
timeout -h pip install numpy
timeout --help; pip install numpy
timeout 1d pip install numpy
timeout 1e3 pip install numpy
timeout .5m pip install numpy
timeout 0 pip install numpy
timeout 5 pip() ; pip list
timeout 5 cd proj; pip install .
timeout 5 export PATH=@uv@/bin; pip install numpy
timeout 5 . ./setup.sh; pip list
env cd proj; pip install .
nice eval pip install numpy
nohup cd proj; pip install .
env -S 'pip' install numpy
env -S "-i PATH=$PATH pip install" numpy
env -S '-u X pip install numpy'
env -S "PATH=@uv@/bin:@tools@" pip install numpy
env -S 'pip install # not this' numpy
env -S 'pip\_install' numpy
env -S 'pip install "a\tb"'
env -S "pip install 'a\\tb'"
env -S 'pip install a\c' numpy
env -S 'pip install ${NOPE}' numpy
env -S 'pip install $HOME' numpy
env -S
env -iS 'pip install' numpy
env -S'-C proj pip install' .
env --split-string 'pip install' numpy
env -v pip install numpy
env --debug pip install numpy
env -vv -u A pip install numpy
env -u pip install numpy
env -uA -uB pip install numpy
env -u PATH pip install numpy; pip list
env -u HOME -i PATH=@uv@/bin pip install numpy
env -i -u X PATH=@uv@/bin pip install numpy
env -iu X PATH=@uv@/bin pip install numpy
env -iC proj PATH=@uv@/bin pip install .
env -C missing pip install numpy
env -C "$PWD/proj" pip install .
env -C proj ../env/bin/pip install .
env -C env/bin ./pip install .
env -C proj PATH=../env/bin pip install numpy
env --chdir proj pip install .
env --unset A pip install numpy
env --unset=A --ignore-environment PATH=@uv@/bin pip install numpy
env -a python @uv@/bin/python -m pip install numpy
env --argv0=x pip install numpy
env --default-signal pip install numpy
env --default-signal=PIPE pip install numpy
env --list-signal-handling pip install numpy
env --null; pip install numpy
env -0; pip install numpy
env -0 pip install numpy; pip list
env --version pip install numpy
env --bogus pip install numpy
env -x pip install numpy
env A=1 B=2; pip install numpy
env PATH= pip install numpy
env "PATH=@uv@/bin:$PATH" X="a b" pip install numpy
env PATH=@uv@/bin PATH=$PATH pip install numpy
env PATH=@uv@/bin sh -c 'pip install numpy'
env PATH=@uv@/bin @tools@/sh -c 'pip install numpy'
env PATH=@uv@/bin env pip install numpy
env PATH=@uv@/bin:@tools@ nice pip install numpy
env env env A=1 pip install numpy
env bash -c 'PATH=@uv@/bin; pip install numpy'; pip list
env HOME=$PWD/proj sh -c 'cd; pip install .'
env HOME=$PWD/proj sh -c 'cd ~; pip install .'
env PWD=/x sh -c 'pip install numpy'
env 'BASH_FUNC_pip%%=() { echo; }' bash -c 'pip install numpy'
env 'BASH_FUNC_pip%%=() { python -m pip "$@"; }' bash -c 'pip install numpy'
find . -maxdepth 1 -name proj -execdir pip install {} \;
find . -maxdepth 1 -type d -name proj -exec sh -c 'cd "$0" && pip install .' {} \;
find . -maxdepth 0 -exec env A=1 pip install {} \;
find . -maxdepth 0 -exec pip list ';' -o -exec pip check ';'
find . -maxdepth 0 -false -exec pip list \;
find . -maxdepth 0 ! -exec pip list \;
find . -maxdepth 0 \( -exec pip list \; -o -exec pip check \; \)
find . -maxdepth 0 -exec true \; -exec pip list \;
find . -maxdepth 0 -exec false \; -exec pip list \;
find . -maxdepth 0 -exec false \; -o -exec pip list \;
find . -maxdepth 0 -quit -exec pip list \;
find . -maxdepth 0 -exec pip list
find missing -exec pip list \;
find -maxdepth 0 -exec pip list \;
find . -bogus -exec pip list \;
find . -maxdepth 0 -okdir pip list \;
find . -maxdepth 0 -exec pip install {} {} \;
find . -maxdepth 0 -exec pip install x{}y \;
find . -maxdepth 0 -exec pip install a {} b +
find wheels -name '*.whl' -exec echo pip install {} \;
find . -maxdepth 0 -exec @uv@/bin/pip list \;
find . -maxdepth 0 -execdir ./env/bin/pip list \;
find . -maxdepth 1 -name env -exec {}/bin/pip list \;
find . -maxdepth 1 -path ./env -exec sh -c '$0/bin/pip list' {} \;
find env/bin -name pip -exec {} list \;
find env/bin/ -name pip -exec {} list \;
find . -maxdepth 0 -exec cd proj \;; pip install .
find . -name '*.txt' -exec pip install -r {} \; -quit
find . -maxdepth 1 -name pip.txt | while read f; do pip install -r $f; done
find . -maxdepth 1 -name one.txt -print | xargs -I F pip install -r F
find . -maxdepth 0 -printf 'pip install numpy\n' | sh
xargs -I{} pip install {} < one.txt
xargs -0 pip install < one.txt
xargs -d, pip install <<< a,b
xargs -E x pip install <<< 'a x b'
xargs -n 1 -a requirements.txt pip install
xargs -L1 pip install < requirements.txt
xargs -P0 -n1 pip install < requirements.txt
xargs --arg-file=requirements.txt pip install
xargs --max-args=1 pip install < requirements.txt
xargs --replace pip install {} < one.txt
xargs --replace=X pip install X < one.txt
xargs -i pip install {} < one.txt
xargs -iX pip install X < one.txt
xargs -e pip install < one.txt
xargs -l pip install < one.txt
xargs -s 10000 pip install < one.txt
xargs -p pip install < one.txt
xargs -x pip install < one.txt
xargs -o pip install < one.txt
xargs -- pip install < one.txt
xargs --help; pip install numpy
xargs --bogus pip install < one.txt
xargs env PATH=@uv@/bin pip install < one.txt
xargs -n1 sh -c 'pip install $0' < one.txt
xargs -I{} bash -c 'cd {} && pip install .' <<< proj
xargs nice pip install < one.txt
xargs echo < one.txt; pip list
xargs -a missing pip install; pip list
xargs pip install < missing; pip list
echo | xargs pip list
echo | xargs -r pip list
echo '' | xargs -I{} pip install {}
echo 'a b' | xargs -n1 pip install
echo "'a b' c" | xargs pip install
echo "a'b" | xargs pip install
printf 'a\nb' | xargs -I{} pip install {}
printf '%s\n' numpy pandas | xargs pip install
printf 'install\nnumpy' | xargs pip
printf 'PATH=@uv@/bin\n' | xargs -I{} env {} pip list
cat one.txt | xargs -t -n1 timeout 5 pip install
coproc pip list; pip install numpy
coproc X pip list; pip install numpy
coproc (pip list); wait; pip install numpy
coproc while false; do :; done; pip install numpy
coproc PATH=@uv@/bin; pip install numpy
coproc cd proj; pip install numpy
coproc f { pip list; } > log; pip install numpy
coproc; pip install numpy
coproc sh -c 'pip list'; wait $!; pip install numpy
coproc { PATH=@uv@/bin:$PATH; pip list; }; wait; pip install numpy
watch -n1 -g -x pip list
time -f %E pip install numpy
time -a -o log pip install numpy
time env A=1 pip install numpy
time A=1 pip install numpy
time ! pip install numpy
time eval pip install numpy
time cd proj && pip install .
time . env/bin/activate; pip install numpy
time PATH=@uv@/bin pip install numpy
command time pip install numpy
\time -p pip install numpy
'time' pip install numpy
env time pip install numpy
logger -s pip; pip install numpy
getopt -o a -- -a pip; pip install numpy
"""
"""Programs that start others, and their options."""

ENDING = r"""
set -u; pip install ${#NO} numpy
set -u; pip install ${NO+x} numpy
set -u; pip install $@ $* numpy
set -u; pip install "${@-}" numpy
set -u; pip install $NO || true; pip list
set -u; true $NO || pip list
set -u; X=1 Y=$NO; pip list
set -u; export X=$NO; pip list
set -u; [[ -n $NO ]] || pip list
set -u; [[ -v NO ]] || pip list
set -u; [ -n "${NO:-}" ] || pip list
set -u; if [ $NO ]; then :; fi; pip list
set -u; for i in $NO; do :; done; pip list
set -u; case $NO in *) pip list;; esac; pip check
set -u; f() { echo $NO; pip list; }; f; pip check
set -u; f() { echo "$2"; }; f a; pip check
set -u; eval 'echo $NO'; pip check
set -u; echo "$(echo $NO)"; pip check
set -u; X=$(echo $NO); pip check
set -u; echo $NO | cat; pip check
set -u; { echo $NO; } ; pip check
set -u; { echo $NO; } & wait; pip check
set -u; bash -c 'echo $NO; pip list'; pip check
set -u; echo > $NO; pip check
set -u; A=(); pip install "${A[@]}" x; pip check
set -u; A=(a); pip install ${A[3]}; pip check
set -u; unset A; pip install x${A}; pip check
set -u; trap 'pip list' EXIT; echo $NO; pip check
set -u; . ./setup-vars.sh; echo $A $NO; pip check
set -u; set +u; echo $NO; pip check
set -u; (set +u; echo $NO; pip list); echo $NO; pip check
set -o nounset -o errexit; pip install $NO
set -ue; pip install ${NO?gone}; pip check
set -u; pip install $1; pip check
set -u; pip install $- $$; pip check
set -u; pip install "$?" $#; pip check
set -u; pip install $!; pip check
set -u; pip install $RANDOM; pip check
set -u; pip install $HOSTNAME; pip check
set -u; read X < /dev/null; pip install x$X
set -u; cd $NO; pip check
set -u; local Z; pip check
set -eu; X=${NO:-a}; pip install $X
setopt nounset; pip install $NO; pip check
unsetopt unset; pip install $NO; pip check
bash -u -c 'pip install $NO; pip list'; pip check
bash -ue -c 'pip install $1' x; pip check
zsh -uc 'pip install $NO; pip list'; pip check
dash -uc 'pip install ${NO}; pip list'; pip check
pip install ${NO:?}; pip check
pip install ${NO:?no package} || pip check
pip install "${1:?usage}"; pip check
pip install ${HOME:?x}; pip check
X=; pip install ${X:?empty}; pip check
X=; pip install ${X?unset} y; pip check
f() { : ${1:?x}; pip list; }; f; pip check
f() { : ${1:?x}; pip list; }; f a; pip check
f() { : ${1:?x}; pip list; }; (f); pip check
f() { : ${1:?x}; pip list; }; f || pip check
eval ': ${NO:?x}'; pip check
eval ': ${NO:?x}' || pip check
command : ${NO:?x}; pip check
: ${NO:?x} | cat; pip check
: ${NO:?x} & wait; pip check
X=$(: ${NO:?x}); pip check
X=$(: ${NO:?x}) || pip check
if : ${NO:?x}; then pip list; fi; pip check
! : ${NO:?x}; pip check
while : ${NO:?x}; do pip list; done; pip check
for i in ${NO:?x}; do pip list; done; pip check
case ${NO:?x} in x) ;; esac; pip check
echo > ${NO:?x}; pip check
trap 'pip list' EXIT; : ${NO:?x}; pip check
bash -c ': ${NO:?x}; pip list'; pip check
bash -c ': ${NO:?x}; pip list' || pip check
: ${NO!x}; pip check
: ${NO=@uv@/bin}; PATH=$NO:$PATH; pip list
: ${VIRTUAL_ENV:=$PWD/env}; $VIRTUAL_ENV/bin/pip install numpy
: "${PYTHON:=python3}"; "$PYTHON" -m pip install numpy
${PYTHON:-python} -m pip install numpy
${PIP:-pip} install numpy
PIP=@uv@/bin/pip; ${PIP:-pip} install numpy
"${PIP:-pip}" install numpy
${PIP:=pip} install numpy; $PIP list
: ${A:=1} ${PATH:=x}; pip install x$A
: ${A:=a b}; pip install $A "$A"
: ${A:="a b"}; pip install $A
: ${A:=${B:-c}}; pip install $A
echo ${A:=$(echo z)} ; pip install $A
: ${A:=~}; pip install $A
: ${A:=x} | cat; pip install y$A
(: ${A:=x}); pip install y$A
[ ${A:=x} = x ] && pip install $A
[[ ${A:=x} == x ]] && pip install $A
case ${A:=x} in x) pip install $A;; esac
for i in ${A:=x y}; do pip install $i; done; pip install z$A
f() { : ${A:=x}; }; f; pip install $A
f() { local A; : ${A:=x}; }; f; pip install y$A
printf -v A '%s-%s' a b; pip install $A
printf -v A '%d' 5; pip install x$A
printf -v A '%03d' 5; pip install x$A
printf -v A 'a\nb'; pip install $A
printf -v A '%q' 'a b'; pip install "$A"
printf -v A '%b' 'a\tb'; pip install "$A"
printf -v A '%s ' a b; pip install $A
printf -v 'A[1]' x; pip install ${A[1]}
printf -v PATH '%s:%s' @uv@/bin $PATH; pip list
printf -v "$(echo A)" x; pip install $A
printf -v A -- x; pip install y$A
printf -v 1A x; pip install numpy
f() { printf -v "$1" '%s' "$2"; }; f PATH @uv@/bin; pip list
f() { local A; printf -v A x; }; f; pip install y$A
A=$(printf '%s==%s' numpy 1.2); pip install $A
A=$(printf %s numpy); pip install $A
read A B <<X␤numpy pandas␤X␤pip install $B
read -r A <<< ' numpy '; pip install "x$A"
read A <<< 'a\ b'; pip install "$A"
read -n 3 A <<< numpy; pip install $A
read -d , A <<< a,b; pip install $A
read -p x A <<< numpy; pip install $A
read -t 1 A <<< numpy; pip install $A
read -s A <<< numpy; pip install $A
read -u 0 A <<< numpy; pip install $A
read -e A <<< numpy; pip install $A
read -a A <<< 'a b'; pip install ${A[1]}
read -ra A < one.txt; pip install ${A[0]}
read <<< numpy; pip install $REPLY
read A < one.txt; pip install $A
read A < missing; pip install x$A
read A < missing || pip install numpy
read A B < one.txt; pip install x$B
read A <<< ''; pip install x$A
read 'A' <<< x; pip install $A
read A[1] <<< x; pip install ${A[1]}
read 1A <<< x; pip install numpy
IFS=: read A B <<< @uv@:x; $A/bin/pip list
IFS== read A B <<< numpy=1; pip install $B
IFS= read -r A <<< ' a '; pip install "x$A"
cat one.txt | while read A; do pip install $A; done; pip install x$A
while read A; do :; done < one.txt; pip install x$A
while read A B; do pip install $B; done <<< 'a b c'
while IFS=, read -r A B; do pip install $A==$B; done <<< numpy,1
{ read A; read B; } < requirements.txt; pip install $B
{ read A; pip install $A; } < one.txt
(read A; pip install $A) < one.txt
read A < <(echo numpy); pip install $A
read A <<< $(echo numpy); pip install $A
echo a | { read A; pip install $A; }; pip install x$A
echo a b | (read A B; pip install $B)
f() { read A; }; f <<< numpy; pip install $A
f() { read A; pip install $A; }; echo numpy | f
mapfile A <<< x; pip install ${A[0]}
mapfile -t A <<< $'a\nb'; pip install "${A[@]}"
mapfile -t -n 1 A < requirements.txt; pip install "${A[@]}"
mapfile -ts 1 A < requirements.txt; pip install "${A[@]}"
mapfile -t -O 2 A <<< x; pip install "${A[2]}"
mapfile -t < requirements.txt; pip install "${MAPFILE[@]}"
mapfile -t A < missing; pip install numpy "${A[@]}"
mapfile -t A < <(cat requirements.txt); pip install "${A[@]}"
mapfile -d , -t A <<< a,b; pip install "${A[0]}"
mapfile -t -C echo -c 1 A < one.txt; pip install "${A[@]}"
readarray -t A <<< @uv@/bin; PATH=$A:$PATH; pip list
mapfile -t path <<< x; pip list
declare -n R=A; R=x; pip install $A
declare -n R=A; A=x; R+=y; pip install $A
declare -n R=A; read R <<< x; pip install $A
declare -n R=A; printf -v R x; pip install $A
declare -n R=A; for R in A B; do :; done; pip list
declare -n R=A; unset R; A=1; pip install x$A
declare -n R=PATH; export R; pip list
declare -n R=PATH; R=@uv@/bin:$R pip list; pip check
declare -n R=PATH; (R=@uv@/bin); pip list
declare -n R; R=PATH; R=@uv@/bin:$PATH; pip list
declare -n R=PATH; declare +n R; R=@uv@/bin; pip list
declare -n R=A[0]; R=x; pip install $A
typeset -n R=PATH; R=@uv@/bin:$PATH; pip list
declare -n R=R; pip list
declare -n R=1; pip list
local -n R=PATH; pip list
declare -n R=PATH; for R in x; do :; done; pip list
declare -n r=PATH s=r; s=@uv@/bin:$PATH; pip list
exec -a python pip install numpy
exec -a '' pip install numpy
exec -aX pip install numpy
exec -a x -- pip install numpy
exec -la x pip install numpy
exec -ca x @quick@/bin/pip install numpy
exec -a @uv@/bin/python @quick@/bin/python -m pip install numpy
exec -a @uv@/bin/python3 python -m pip install numpy
(exec -a sh bash -c 'pip install numpy'); pip list
exec env -i PATH=@uv@/bin pip list
exec 3>log pip list; pip check
exec pip list > log; pip check
exec pip list < missing; pip check
exec > missing/log; pip check
exec 2> log; pip list
exec < one.txt; read A; pip install $A
exec 3< one.txt; read -u 3 A; pip install $A
exec 3< one.txt; read A <&3; pip install $A
exec 3<&0; pip list
exec 3>&-; pip list
exec {x}<one.txt; read -u $x A; pip install $A
exec ./nosuch; pip check
exec ./proj; pip check
exec ./one.txt; pip check
exec ''; pip check
exec "$NO"; pip check
exec cd proj; pip list
exec true; pip list
exec sh -c 'pip list'; pip check
exec bash setup.sh; pip check
exec . ./setup.sh; pip check
exec nosuch 2>/dev/null || pip check
exec nosuch | cat; pip check
shopt -s execfail; exec nosuch; pip check
shopt -s execfail; exec nosuch || pip check
if exec nosuch; then pip list; else pip check; fi
(exec pip list) && pip check
{ exec pip list; }; pip check
f() { exec pip list; }; f; pip check
f() { exec pip list; }; f | cat; pip check
f() { exec pip list; }; $(f); pip check
trap 'pip list' EXIT; (exec true); pip check
trap 'pip list' EXIT; exec nosuch; pip check
"""
"""What ends a script before pip, and what reads and sets a variable."""

REACHING = r"""
path+=@uv@/bin; pip install numpy
path=(@uv@/bin "$path[@]"); pip install numpy
path=("@uv@/bin" ${path}); pip install numpy
path=($path @uv@/bin); pip install numpy
path=(env/bin $path); pip install numpy
path=(~/myenv/bin $path); pip install numpy
path=($PWD/env/bin $path); pip install numpy
path[1]=; pip install numpy
path[-1]=@uv@/bin; pip install numpy
path=(); pip install numpy
shift path; pip install numpy
typeset path; pip install numpy
typeset -a path; pip install numpy
typeset -aU path; path=(@uv@/bin $path); pip install numpy
typeset -U path PATH; path=(@uv@/bin $path); pip install numpy
export -U PATH path; pip install numpy
f() { typeset -x path; path=(@uv@/bin); pip list; }; f; pip install numpy
f() { path=(@uv@/bin $path); pip list; }; f; pip install numpy
f() { local -a path; path=(@uv@/bin); pip list; }; f; pip install numpy
f() { emulate -L zsh; path=(@uv@/bin); pip list; }; f; pip install numpy
set -A path @uv@/bin; pip install numpy
: ${(A)path::=@uv@/bin}; pip install numpy
PATH=@uv@/bin; echo $path; pip install numpy
PATH=@uv@/bin$PATH[1,0]; pip install numpy
PATH=${PATH:s/quick/uv/}; pip install numpy
PATH=${PATH//quick/uv}; pip list
PATH=${(j.:.)path}; pip install numpy
PATH="@uv@/bin${PATH:+:${PATH}}"; pip install numpy
PATH=@uv@/bin${PATH+:$PATH}; pip install numpy
PATH=@uv@/bin:; cd env/bin; pip install numpy
PATH=:@quick@/bin; cd env/bin; pip install numpy
PATH=.:@quick@/bin:@tools@; cd env/bin; pip install numpy
PATH=@uv@/bin/:$PATH; pip install numpy
PATH=@uv@/../uv/bin:$PATH; pip install numpy
PATH=//@uv@/bin:$PATH; pip install numpy
PATH='@uv@/bin:'$PATH; pip install numpy
PATH='$PWD/env/bin':$PATH; pip install numpy
PATH=$PWD/env/bin:$PATH; pip install numpy
PATH=$(pwd)/env/bin:$PATH; pip install numpy
PATH=`pwd`/env/bin:$PATH; pip install numpy
PATH=$OLDPWD/env/bin:$PATH; pip install numpy
PATH=$HOME/myenv/bin:$PATH; pip install numpy
PATH=$(echo @uv@/bin):$PATH; pip install numpy
PATH=$(dirname @uv@/bin/pip):$PATH; pip install numpy
PATH=$(cd env/bin; pwd):$PATH; pip install numpy
PATH=@uv@/bin PATH=$PATH:x; pip install numpy
PATH=$PATH:@uv@/bin; pip install numpy
PATH=@tools@:$PATH; pip install numpy
PATH=@bare@/bin:$PATH; pip install numpy
PATH=@bare@/bin:$PATH; python -m pip install numpy
PATH=/nonexistent:$PATH; pip install numpy
PATH=@uv@/bin/pip:$PATH; pip install numpy
PATH="@with space@/bin:$PATH"; pip install numpy
PATH=@with space@/bin:$PATH; pip install numpy
PATH=@uv@/bin\:$PATH; pip install numpy
PATH="@uv@/bin␤:$PATH"; pip install numpy
export PATH="@uv@/bin:$PATH" && pip install numpy
export PATH=@uv@/bin PATH=$PATH:x; pip install numpy
export PATH $NO; pip install numpy
export A=PATH; export $A=@uv@/bin; pip install numpy
export "P"ATH=@uv@/bin:$PATH; pip install numpy
export `echo PATH=@uv@/bin`; pip install numpy
export $(echo PATH=@uv@/bin); pip install numpy
export $(cat setup-vars.sh | cut -c8-); pip install numpy
export {PATH,X}=@uv@/bin; pip install numpy
unset -v PATH; pip install numpy
unset PATH; @quick@/bin/pip install numpy
unset PATH; PATH=@uv@/bin; pip install numpy
(unset PATH); pip install numpy
env -u PATH sh -c 'pip install numpy'
PATH=; env pip install numpy
PATH= pip install numpy
PATH=@uv@/bin pip install numpy; pip list
PATH=@uv@/bin command -v pip; pip list
PATH=@uv@/bin:@tools@ sh -c 'pip install numpy' && pip list
PATH=@uv@/bin:@tools@ eval pip list; pip install numpy
PATH=@uv@/bin pip list | pip install numpy
PATH=@uv@/bin python -m pip install numpy
PATH=@uv@/bin; export PATH; bash -c 'pip install numpy'
typeset -x PATH=@uv@/bin:@tools@; sh -c 'pip install numpy'
declare PATH=@uv@/bin:$PATH; sh -c 'pip install numpy'
export -n PATH; sh -c 'pip install numpy'
export -n PATH; env pip install numpy
typeset +x PATH; pip install numpy
typeset +x PATH; sh -c 'pip install numpy'
readonly PATH=@uv@/bin:$PATH; pip install numpy
readonly PATH; export PATH=@uv@/bin; pip install numpy
readonly PATH; (PATH=@uv@/bin; pip list); pip install numpy
readonly PATH; unset PATH; pip install numpy
readonly PATH; PATH=@uv@/bin || pip install numpy
readonly PATH; env PATH=@uv@/bin pip install numpy
readonly PATH; for PATH in x; do pip list; done; pip install numpy
readonly PATH; printf -v PATH x; pip install numpy
readonly PATH; : ${PATH:=x}; pip install numpy
. ./env/bin/activate; pip install numpy
. env/bin/activate.csh; pip install numpy
. env/bin/activate.fish; pip install numpy
. env/bin/missing || . env/bin/activate; pip install numpy
. env/bin/activate > /dev/null; pip install numpy
. env/bin/activate && . @uv@/bin/activate && pip install numpy
. env/bin/activate; . @uv@/bin/activate; deactivate; pip install numpy
. env/bin/activate; deactivate; deactivate; pip install numpy
. env/bin/activate; deactivate nondestructive; pip install numpy
. env/bin/activate; PATH=@uv@/bin:$PATH; deactivate; pip install numpy
. env/bin/activate; PATH=@uv@/bin:$PATH; pip install numpy
. env/bin/activate; unset VIRTUAL_ENV; pip install numpy
. env/bin/activate; sh -c 'pip install numpy'
. env/bin/activate; bash -c 'deactivate; pip install numpy'
. env/bin/activate; (deactivate); pip install numpy
. env/bin/activate; exec pip install numpy
. env/bin/activate; env pip install numpy
. env/bin/activate; sudo pip install numpy
. env/bin/activate; cd proj; pip install .
. env/bin/activate; hash -r; pip install numpy
. env/bin/activate; unset -f deactivate; pip install numpy
. env/bin/activate; deactivate() { :; }; deactivate; pip install numpy
. env/bin/activate; alias deactivate=:; deactivate; pip install numpy
. env/bin/activate | cat; pip install numpy
. env/bin/activate & pip install numpy
(. env/bin/activate); pip install numpy
{ . env/bin/activate; } && pip install numpy
if . env/bin/activate; then pip install numpy; fi
[ -f env/bin/activate ] && . env/bin/activate; pip install numpy
[ -f missing/bin/activate ] && . missing/bin/activate; pip install numpy
test -e env/bin/activate && source env/bin/activate && pip install numpy
. "$PWD/env/bin/activate"; pip install numpy
. $(pwd)/env/bin/activate; pip install numpy
. ~/myenv/bin/activate; pip install numpy; deactivate; pip list
V=env; . $V/bin/activate; pip install numpy
V=env; . "${V}/bin/activate"; pip install numpy
for V in env .venv; do . $V/bin/activate; pip install numpy; deactivate; done
for V in env .venv; do (. $V/bin/activate; pip install numpy); done
for V in env .venv; do . $V/bin/activate; pip install numpy; done
while read V; do . $V/bin/activate; pip install numpy; done <<< env
f() { . $1/bin/activate; }; f env; pip install numpy
f() { . $1/bin/activate; }; f env; f .venv; deactivate; pip install numpy
f() { source env/bin/activate; "$@"; deactivate; }; f pip install numpy; pip list
f() ( . env/bin/activate; "$@" ); f pip install numpy; pip list
cd env && . bin/activate && pip install numpy
PATH=$PWD/env/bin:$PATH; . activate; pip install numpy
PATH=$PWD/env/bin:$PATH; source activate; pip install numpy
eval ". env/bin/activate"; pip install numpy
eval "$(cat env/bin/activate)"; pip install numpy
bash -c '. env/bin/activate; pip install numpy'; pip list
bash -c 'source env/bin/activate && pip install numpy' && pip list
sh -c '. env/bin/activate && pip install numpy'
zsh -fc '. env/bin/activate && pip install numpy'
command . env/bin/activate; pip install numpy
builtin . env/bin/activate; pip install numpy
builtin source env/bin/activate; pip install numpy
\. env/bin/activate; pip install numpy
! . env/bin/activate; pip install numpy
set -e; . env/bin/activate; pip install numpy
set -u; . env/bin/activate; pip install numpy
set -euo pipefail; source env/bin/activate; pip install numpy; deactivate; pip list
set -u; . env/bin/activate; deactivate; pip install numpy
VIRTUAL_ENV_DISABLE_PROMPT=1 . env/bin/activate; pip install numpy
VIRTUAL_ENV_DISABLE_PROMPT=1; . env/bin/activate; pip install numpy
PS1= . env/bin/activate; pip install numpy
unset PS1; . env/bin/activate; deactivate; pip install numpy
. .venv/bin/activate; pip install numpy
. .venv/bin/activate && deactivate && pip install numpy
. .venv/bin/activate; . env/bin/activate; pip install numpy; deactivate; pip list
. @bare@/bin/activate; pip install numpy
. @bare@/bin/activate; python -m pip install numpy
. @moving@/bin/activate; pip install numpy; deactivate; pip list
cd proj; . ../env/bin/activate; cd ..; pip install numpy
python -m venv n1 && n1/bin/pip install numpy
python -m venv n1 && . n1/bin/activate && pip install numpy && deactivate && pip list
python -m venv n1 && (. n1/bin/activate && pip install numpy); pip list
python -m venv --without-pip n1; . n1/bin/activate; pip install numpy
python -m venv n1 n2 && n2/bin/pip install numpy
python -m venv $PWD/n1; $PWD/n1/bin/python -m pip install numpy
cd proj; python -m venv n1; cd ..; proj/n1/bin/pip install numpy
V=n1; python -m venv $V; $V/bin/pip install numpy
python -m venv n1 || true; n1/bin/pip install numpy
python -m venv n1 > log 2>&1 && n1/bin/pip install numpy
python -m venv n1 & wait; n1/bin/pip install numpy
(python -m venv n1); n1/bin/pip install numpy
virtualenv n1; n1/bin/pip install numpy
virtualenv -q n1 && source n1/bin/activate && pip install numpy
uv venv n1; . n1/bin/activate; pip install numpy
uv venv -q --seed n1 && . n1/bin/activate && pip install numpy
python -m virtualenv n1; n1/bin/pip install numpy
cp -r env n1; n1/bin/pip install numpy
ln -s env n1; n1/bin/pip install numpy
cd env/..; pip list; env/bin/pip install numpy
cd proj; ./../env/bin/pip install .
cd missing; env/bin/pip install numpy
cd missing && env/bin/pip install numpy
cd missing || cd proj; pip install .
cd proj || exit 1; pip install .
cd proj && cd src && pip install .
cd proj/src && cd .. && pip install .
cd proj; cd src; cd -; pip install .
cd proj >/dev/null; pip install .
cd "proj" 2>/dev/null || true; pip install .
cd -L linked-proj; pip install .
cd linked-proj; cd ..; pip list
cd env; bin/pip install numpy
cd env; ./bin/pip install numpy
cd env; pip install numpy; cd bin; ./pip list
cd env/bin; PATH=.:$PATH; pip install numpy
cd env/bin; PATH=.:$PATH; cd ../..; pip install numpy
cd env/bin; PATH=$PWD:$PATH; cd ../..; pip install numpy
cd $HOME; myenv/bin/pip install numpy
cd; myenv/bin/pip install numpy
cd ~; ./myenv/bin/pip install numpy
cd ~/myenv/bin; ./pip install numpy
cd ~-; pip install numpy
cd -- proj; pip install .
cd -x proj; pip install .
cd proj; pwd; pip install $PWD
cd proj; pip install "$(pwd)"
cd proj; pip install $(basename $PWD)
cd proj | pip install .
(cd proj && pip install .) && pip list
(cd missing && pip install .); pip list
(cd proj; pip install .) || pip list
$(cd proj); pip install .
pushd proj && pip install . && popd && pip list
pushd proj > /dev/null; pip install .; popd > /dev/null; pip list
pushd env; pushd ../proj; popd; bin/pip install numpy
pushd missing || pip install numpy
mkdir n && cd n && pip install .
mkdir -p n/m; cd n/m && pip list
mkdir n; cd n || exit; ../env/bin/pip list
git clone https://example.org/x/proj2.git; cd proj2; pip install .
git clone https://example.org/x/r && pip install ./r
git clone https://example.org/x/r && cd r && python setup.py install
"""
"""How PATH, a directory and an environment are changed."""

BRANCHING = r"""
if pip list; then pip install a; else pip install b; fi
if ! pip list; then pip install a; else pip install b; fi
if [ -d env ]; then env/bin/pip install a; else pip install b; fi
if [ ! -d env ]; then pip install a; elif [ -f one.txt ]; then pip install b; fi
if [ "$A" = 1 ]; then pip install a; fi; pip install b
if [ -n "$VIRTUAL_ENV" ]; then pip install a; else pip install b; fi
if [ -z "$VIRTUAL_ENV" ]; then . env/bin/activate; fi; pip install a
if command -v pip; then pip install a; fi
if command -v nosuch; then pip install a; else pip install b; fi
if command -v conda > /dev/null; then pip install a; else pip install b; fi
if which pip > /dev/null 2>&1; then pip install a; fi
if type pip; then pip install a; fi
if hash pip 2>/dev/null; then pip install a; fi
if python -c 'import numpy'; then pip list; else pip install numpy; fi
if python -c 'import numpy' 2>/dev/null; then :; else PATH=@uv@/bin:$PATH; fi; pip install numpy
if true; then PATH=@uv@/bin:$PATH; fi; pip install a
if false; then PATH=@uv@/bin:$PATH; fi; pip install a
if ls; then PATH=@uv@/bin:$PATH; fi; pip install a
if ls missing; then PATH=@uv@/bin:$PATH; else PATH=@uv@/bin:$PATH; fi; pip install a
if PATH=@uv@/bin:$PATH; then pip install a; fi
if cd proj; then pip install .; fi; pip list
if (cd missing); then pip install .; fi; pip list
if { cd proj; false; }; then pip list; else pip install .; fi
if exit; then pip list; fi; pip check
if false; then exit; fi; pip check
if false; then return; fi; pip check
if true; then :; else exit; fi; pip check
if ls; then exit; fi; pip check
if [[ $OSTYPE == darwin* ]]; then pip install a; else pip install b; fi
if [[ "$(uname)" == "Linux" ]]; then pip install a; fi
if [ "$(id -u)" -eq 0 ]; then pip install a; else pip install --user a; fi
if (( 1 )); then pip install a; fi
if (( 0 )); then pip install a; fi
if ((2 > 1)); then pip install a; fi
if test -x env/bin/python; then env/bin/python -m pip install a; fi
if [ 1 -gt 2 ]; then pip install a; fi
if [ a != b ]; then pip install a; fi
if [ -s one.txt ]; then pip install -r one.txt; fi
if grep -q numpy requirements.txt; then pip install a; fi
if pip list | grep numpy; then pip install a; fi
if :; then pip install a; fi
if ! :; then pip install a; fi
if false || true; then pip install a; fi
if true && false; then pip install a; fi
if false; true; then pip install a; fi
case $(uname) in Linux) pip install a;; Darwin) pip install b;; esac
case "$OSTYPE" in linux*) pip install a;; *) pip install b;; esac
case x in y) pip install a;; esac; pip install b
case x in x) ;; *) pip install a;; esac; pip install b
case x in x|y) pip install a;; esac
case "$UNSET" in "") pip install a;; *) pip install b;; esac
case $PWD in */nothing) pip install a;; *) pip install b;; esac
case $PATH in *quick*) pip install a;; *) pip install b;; esac
case $PATH in *nothing*) pip install a;; *) pip install b;; esac
case ":$PATH:" in *:@uv@/bin:*) ;; *) PATH=@uv@/bin:$PATH;; esac; pip install a
case a in a) PATH=@uv@/bin:$PATH;; esac; pip install a
case a in b) PATH=@uv@/bin:$PATH;; esac; pip install a
case $NO in a) PATH=@uv@/bin:$PATH;; esac; pip install a
case a in a) exit;; esac; pip install a
case b in a) exit;; esac; pip install a
case $(cat one.txt) in numpy) pip install a;; *) pip install b;; esac
case a in $A) pip install a;; *) pip install b;; esac
case a in [[:alpha:]]) pip install a;; esac
case 5 in [0-9]) pip install a;; esac
case a in ?) pip install a;; esac
case ab in ?) pip install a;; *) pip install b;; esac
case "a b" in "a b") pip install a;; esac
case a in "a"*) pip install a;; esac
case '*' in '*') pip install a;; esac
case 'a' in '*') pip install a;; *) pip install b;; esac
case a in a) pip install a␤esac
case a in esac; pip install a
while true; do pip install a; break; done; pip install b
while false; do pip install a; done; pip install b
while ls missing; do pip install a; done; pip install b
while [ $((i=i+1)) -lt 3 ]; do pip install a$i; done
i=0; while [ $i -lt 2 ]; do i=$((i+1)); pip install a$i; done
i=0; until [ $i -ge 2 ]; do pip install a$i; i=$((i+1)); done
i=0; while ((i<2)); do pip install a$i; ((i++)); done
i=2; while ((i--)); do pip install a$i; done
n=0; until pip install a || [ $n -ge 2 ]; do n=$((n+1)); done
for i in 1 2 3; do pip install a && break || sleep 0; done
for i in 1 2; do pip install a$i || exit 1; done; pip list
for i in 1 2; do pip install a$i || break; done; pip list
for i in 1 2; do pip install a$i || continue; pip list; done
for i in 1 2; do if [ $i = 2 ]; then pip install a; fi; done
for i in a b; do case $i in a) pip install x;; *) pip install y;; esac; done
for i in 1 2; do PATH=@uv@/bin:$PATH; done; pip install a
for i in $NO; do PATH=@uv@/bin:$PATH; done; pip install a
for i in $(ls missing); do PATH=@uv@/bin:$PATH; done; pip install a
for i in *.txt; do pip install -r $i; done
for i in nothing*; do pip install -r $i; done
for i in proj; do cd $i; pip install .; cd ..; done; pip list
for i in proj; do (cd $i && pip install .); done; pip list
for i in "a b" c; do pip install $i; done
for i in "a b" c; do pip install "$i"; done
for i in {a,b}; do pip install $i; done
for i in `echo a b`; do pip install $i; done
for i in $(cat one.txt); do pip install $i; done
for i in a; do pip install $i; done; pip install $i
for i in; do :; done; pip install x$i
for i in a b; do :; done & wait; pip install x$i
for i in a b; do :; done | cat; pip install x$i
for i in a b␤do␤pip install $i␤done
for i do pip install $i; done; pip list
for i in "$@"; do pip install $i; done; pip list
set -- a b; for i do pip install $i; done
set -- a b; for i in "$@"; do pip install $i; shift; done; pip install $#
for ((;;)); do pip install a; break; done
for ((i=0; i<2; i++)); do pip install a$i; done; pip install b$i
for i in 1 2; do for j in 1 2; do [ $i = $j ] && continue 2; pip install $i$j; done; done
for i in 1 2; do for j in a b; do break; done; pip install $i$j; done
for i in 1 2; do (break); pip install a; done
for i in 1 2; do f() { break; }; f; pip install a; done
for i in 1 2; do eval break; pip install a; done; pip list
for i in 1 2; do true | break; pip install a; done
for i in 1 2; do break | true; pip install a; done
for i in 1; do break 0; pip install a; done; pip list
for i in 1; do break x; pip install a; done; pip list
for i in 1; do break 5; pip install a; done; pip list
for i in 1; do continue 5; pip install a; done; pip list
for i in 1; do exit; done; pip list
for i in 1; do return; done; pip list
for i in 1; do . ./setup-vars.sh; pip install $A; done
while read l; do pip install $l; done < one.txt; pip list
while read l; do pip install $l < /dev/null; done < requirements.txt
while read -r l || [ -n "$l" ]; do pip install "$l"; done < requirements.txt
while IFS= read -r l; do [ -z "$l" ] && continue; pip install "$l"; done < requirements.txt
cat requirements.txt | while read l; do pip install $l || exit; done; pip list
cat requirements.txt | xargs -n1 pip install || pip list
grep -v '#' requirements.txt | while read l; do PATH=@uv@/bin; done; pip install a
while :; do case x in x) break;; esac; pip list; done; pip install a
while :; do pip list && break; pip check && break; break; done
until false; do pip list; break; done; pip install a
until true; do pip install a; done; pip install b
until ls; do pip install a; break; done; pip install b
until pip list; do pip install a; break; done; pip install b
while sleep 0; do pip install a; break; done
while read x; do pip install a; done < /dev/null; pip install b
while x=; do pip install a; break; done
while PATH=@uv@/bin:$PATH; do pip install a; break; done; pip install b
do pip install a; done; pip install b
select i in a; do pip install $i; done < /dev/null; pip install b
true && pip install a || pip install b
false && pip install a || pip install b
true || pip install a && pip install b
false || pip install a && pip install b
pip list && pip install a || pip install b && pip check
pip list || pip install a || pip install b
! pip list && pip install a
! true || pip install a
! ! true && pip install a
true && true && pip install a
true && false && pip install a; pip install b
{ true && false; } || pip install a
(true && false) && pip install a; pip install b
[ -f one.txt ] && [ -f missing ] && pip install a; pip install b
[ -f one.txt ] || [ -f missing ] || pip install a; pip install b
[ -f missing ] && pip install a || pip install b
[ -d proj ] && cd proj && pip install .; pip list
[ -e missing ] || cd proj; pip install .
test -f one.txt -a -f missing || pip install a
[ "$A" ] && pip install a; pip install b
[ $A ] && pip install a; pip install b
[ ] && pip install a; pip install b
[ ! ] && pip install a; pip install b
[ -f ] && pip install a; pip install b
[ = ] && pip install a; pip install b
[ a ] && pip install a; pip install b
[ "" ] || pip install a; pip install b
[ a -eq 1 ] && pip install a; pip install b
[ 1 -eq 1 -o x ] && pip install a; pip install b
[ a = a ] ] && pip install a; pip install b
[ a \< b ] && pip install a; pip install b
[ one.txt -nt missing ] && pip install a; pip install b
[ env -ef env ] && pip install a; pip install b
[ -L env ] && pip install a; pip install b
[ -h one.txt ] && pip install a; pip install b
[ -r one.txt ] && pip install a; pip install b
[ -w one.txt ] && pip install a; pip install b
[ -x one.txt ] && pip install a; pip install b
[ -t 0 ] && pip install a; pip install b
[ -v PATH ] && pip install a; pip install b
[ -o errexit ] && pip install a; pip install b
[[ -f one.txt ]] && pip install a; pip install b
[[ a = b || c = c ]] && pip install a; pip install b
[[ ! a = b ]] && pip install a; pip install b
[[ -z "" && -n x ]] && pip install a; pip install b
[[ a < b ]] && pip install a; pip install b
[[ 1 -lt 2 ]] && pip install a; pip install b
[[ a =~ b ]] && pip install a; pip install b
[[ $PATH == *quick* ]] && pip install a; pip install b
[[ $NO ]] && pip install a; pip install b
[[ x ]] && pip install a; pip install b
[[ -d env/bin ]] && PATH=$PWD/env/bin:$PATH; pip install b
[[ "$CONDA_PREFIX" ]] || pip install a; pip install b
(( A )) && pip install a; pip install b
(( A = 1 )) && pip install a$A; pip install b
((1)) || pip install a; pip install b
let 1 && pip install a; pip install b
let 0 && pip install a; pip install b
expr 1 = 1 && pip install a; pip install b
: && pip install a
: || pip install a; pip install b
exit 0 && pip install a; pip install b
(exit 0) && pip install a; pip install b
(exit 1) && pip install a; pip install b
(exit 256) && pip install a; pip install b
sh -c 'exit 1' && pip install a; pip install b
sh -c true && pip install a; pip install b
grep -q x /dev/null && pip install a; pip install b
pip install a; echo $? && pip install b
pip install a; [ $? -eq 0 ] && pip install b
pip install a; if [ $? -ne 0 ]; then pip install b; fi
pip install a; case $? in 0) pip install b;; *) pip install c;; esac
true; if [ $? = 0 ]; then pip install b; fi
false; X=$?; [ $X = 1 ] && pip install b
pip install a &␤pip install b &␤wait
pip install a & pip install b; wait
pip install a & wait $! && pip install b
pip install a & PID=$!; wait $PID || pip install b
sleep 0 & kill $!; pip install a
{ pip install a & } ; pip install b
(pip install a &); pip install b
pip install a & exit; pip install b
pip install a && pip install b & pip list
pip list | pip install a | pip install b
pip list | (read x; pip install a)
pip list | { cat; pip install a; }
true | true | pip install a
false | pip install a && pip install b
pip list | false && pip install a; pip install b
pip list | true && pip install a
! pip list | true && pip install a; pip install b
set -o pipefail; pip list | true && pip install a
set -o pipefail; pip list | false || pip install a
set -o pipefail; if pip list | cat; then pip install a; fi
pip list | exit; pip install a
exit | pip list; pip install a
"""
"""Conditions, loops, lists and pipelines."""

MANAGING = r"""
python -E -s -I -m pip list
python -B -m pip install numpy
python -Bum pip install numpy
python -W ignore::X -X utf8=1 -m pip install numpy
python -Xdev -Wd -m pip list
python -X -m pip list
python -W -m pip list
python -d -v -m pip list
python -t -m pip list
python -R -m pip list
python -bb -m pip list
python -O -O -m pip list
python -m pip -V
python -m pip
python -m
python -mpip
python -m pip.py install numpy
python -m pip/__main__ install numpy
python -m pip.cli install numpy
python -m 'p'ip install numpy
python -m $(echo pip) install numpy
M=pip; python -m $M install numpy
python -"m" pip install numpy
python -- -m pip install numpy
python -i -c pass -m pip
python -c 'print(1)'; pip list
python -c ''
python -c; pip list
python --version --version -m pip
python -Vm pip list
python -hm pip list
python -mpip -h
python --help-env -m pip list
python --help-all -m pip list
python --help-xoptions; pip list
python -Z -m pip list; pip check
python nosuch.py; pip list
python ./script.py; pip list
python script.py -m pip install numpy; pip list
python < script.py; pip list
cd proj && python3 setup.py -q build
python -m venv .
python3 -m pip install numpy; python3 -m pip list
"@kernel@" -m pip install numpy
'@kernel@' -I -m pip install numpy
@uv@/bin/python @quick@/bin/pip install numpy
@uv@/bin/python $(which pip) install numpy
python $(which pip) install numpy
python $(command -v pip) install numpy
python `which pip` install numpy
$(which python) -m pip install numpy
`which pip` install numpy
"$(which pip)" install numpy
"$(command -v pip3)" install numpy
$(which uv) pip install numpy
env/bin/python env/bin/pip install numpy
env/bin/python3 -m pip install numpy
env/bin/../bin/pip install numpy
./env//bin/pip install numpy
env/./bin/pip install numpy
$PWD/env/bin/pip install numpy
"$PWD"/env/bin/pip install numpy
"$PWD/env"/bin/pip install numpy
$HOME/myenv/bin/python -m pip install numpy
~root/x/bin/pip install numpy
@with space@/bin/pip install numpy
'@with space@/bin/python' -m pip install numpy
PYTHONPATH=proj python -m pip install numpy
PYTHONPATH=shadow python -m pip install numpy
PYTHONPATH=shadow python -E -m pip install numpy
PYTHONPATH=shadow python -I -m pip install numpy
PYTHONPATH=missing pip install numpy
PYTHONSTARTUP=x python -m pip list
PYTHONNOUSERSITE=1 pip install --user numpy
PYTHONUSERBASE=x pip install --user numpy
PYTHONSAFEPATH=1 python -m pip list
PYTHONINSPECT=1 python -m pip list
PYTHONDONTWRITEBYTECODE= pip install numpy
PYTHONUNBUFFERED=1 pip install numpy
PYTHONWARNINGS=ignore python -m pip install numpy
PIP_PREFIX=p pip install numpy
PIP_ROOT=r pip install numpy
PIP_USER=yes pip install numpy
PIP_PYTHON=@uv@/bin/python pip install numpy
PIP_CONFIG_FILE=/dev/null pip install numpy
PIP_CONFIG_FILE=os.devnull pip install numpy
PIP_INDEX_URL=https://example.org pip install numpy
PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 pip install numpy
PIP_HELP=1 pip install numpy
PIP_DRY_RUN=true pip install numpy
PIP_VERSION=1 pip install numpy
export PIP_TARGET=libs; pip install numpy
PIP_TARGET=libs; pip install numpy
unset PIP_TARGET; pip install numpy
env PIP_TARGET=libs pip install numpy
pip install --target libs numpy
pip install --target=libs numpy
pip install -t libs numpy
pip install --prefix=p numpy
pip install --root=r numpy
pip install --no-user numpy
pip install --python env numpy
pip --python env install numpy
pip --python=env/bin/python install numpy
pip --python nosuch install numpy
pip --version install numpy
pip -h
pip help install
pip install --help
pip install -r
pip install -r missing.txt
pip install -r requirements.txt -c constraints.txt
pip install -rrequirements.txt
pip install -e
pip install proj/
pip install file:wheels
pip install git+https://example.org/x.git@main#egg=x
pip install 'x @ https://example.org/x.whl'
pip install x @ https://example.org/x.whl
pip install "numpy<2" 'pandas>1'
pip install numpy>1
pip install numpy=1
pip install numpy==
pip install numpy ==1.2
pip install numpy == 1.2
pip install numpy, pandas
pip install numpy;pandas
pip install numpy&pip install pandas
pip install numpy||pip install pandas
pip install numpy|pip install pandas
pip install numpy#x
pip install numpy # x; pip install pandas
pip install six[a,b]
pip install 'six[a,b]'
pip install six\[a\]
pip install *
pip install -- numpy
pip install --no-deps --no-index --find-links wheels demo
pip install -U --upgrade-strategy eager numpy
pip install --require-virtualenv numpy
pip --require-virtualenv install numpy
pip --isolated install numpy
pip --isolated --quiet install numpy
pip -qqq install numpy
pip -vvv install numpy
pip --log x install numpy
pip --log=x install numpy
pip --proxy p install numpy
pip --timeout 5 install numpy
pip --cert c install numpy
pip --cache-dir d install numpy
pip --retries 3 --timeout 3 install numpy
pip --debug install numpy
pip --bogus install numpy
pip bogus numpy
pip i numpy
pip add numpy
pip Install numpy
pip install install numpy
pip uninstall numpy
pip uninstall -y numpy pandas
pip uninstall -r requirements.txt -y
pip uninstall
pip uninstall -y
pip remove numpy
pip update numpy
pip upgrade
pip download -d x numpy
pip wheel .
pip wheel -w x numpy
pip lock numpy
pip freeze > x.txt; pip install -r x.txt
pip list --format=freeze | cut -d= -f1 | xargs -n1 pip install -U
pip list -o
pip show -f numpy
pip config set global.index-url x
pip hash x
eval "$(pip completion --bash)"; pip install numpy
pip install pip
pip install --upgrade pip && pip install numpy
python -m pip install --upgrade pip; pip install numpy
pip install virtualenv && virtualenv n2 && n2/bin/pip install numpy
pip3.99 install numpy
pip2 install numpy
pip-3 install numpy
pip.exe install numpy
uv pip install -p env numpy
uv pip install --target x numpy
uv pip install
uv pip
uv --help
uv help pip install
uv pip install --help
uv pip --help
uv -V
uv --version pip install numpy
uv pip install --dry-run numpy
uv pip compile requirements.txt -o x
VIRTUAL_ENV= uv pip install numpy
UV_PROJECT_ENVIRONMENT=env uv sync
UV_TARGET=x uv pip install numpy
uv add --dev numpy
uv add -r requirements.txt
uv sync --frozen
uv run -- pip install numpy
uv run --with pip pip install numpy
uv run --no-project pip install numpy
uv run --python env pip install numpy
uv run uv pip install numpy
uv run --script script.py
uvx ruff
uvx pip install numpy
uvx --with numpy pip list
uv venv && uv pip install numpy
uv venv n3 && uv pip install -p n3 numpy
uv init p && cd p && uv add numpy
uv --no-config pip install numpy
uv --offline pip install numpy
uv --color never pip install numpy
uv --bogus pip install numpy
conda install -n work numpy
conda install -p @conda@/envs/work numpy
conda install --help
conda -V
conda install -y -n nosuch numpy
conda run pip install numpy
conda run -n work --cwd proj pip install .
conda run -n work sh -c 'pip install numpy'
conda run -n work conda install numpy
conda run -n work env A=1 pip install numpy
conda env update -n work -f environment.yml
. ~/miniconda3/etc/profile.d/conda.sh && conda activate work && pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate nosuch; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate nosuch && pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate @conda@/envs/work; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; (conda activate work); pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate work | cat; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate work; . env/bin/activate; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; . env/bin/activate; conda activate work; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate work; sh -c 'pip install numpy'
. ~/miniconda3/etc/profile.d/conda.sh; sh -c 'conda activate work; pip install numpy'
. ~/miniconda3/etc/profile.d/conda.sh; f() { conda activate $1; }; f work; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; set -e; conda activate nosuch; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda install numpy; pip install numpy
. ~/miniconda3/bin/activate work; pip install numpy
source ~/miniconda3/bin/activate; pip install numpy
eval "$(conda shell.bash hook)"; conda activate work; pip install numpy
eval "$(~/miniconda3/bin/conda shell.bash hook)"; conda activate work; pip install numpy
CONDA_PREFIX=@conda@/envs/work conda install numpy
CONDA_DEFAULT_ENV=work conda install numpy
@conda@/bin/conda install numpy
~/miniconda3/bin/pip install numpy
~/miniconda3/bin/python -m pip install numpy
mamba install numpy
micromamba install -n work numpy
micromamba activate work && pip install numpy
poetry run python -m pip install numpy
poetry install && poetry run pip list
hatch -e x run pip install numpy
pixi run -e default pip install numpy
pipx run ruff
pipenv run pip install numpy
rye add numpy
rye run pip install numpy
tox -e py -- pip install numpy
nox -s pip
just install
docker run x pip install numpy
docker exec -it x pip install numpy
docker compose run x pip install numpy
ssh host 'pip install numpy'
make -C proj install
make -f x.mk; pip install numpy
"""
"""The options and settings of the package managers and of Python."""

QUOTING = r"""
p"i"p install numpy
'pip' install numpy
"pip" "install" "numpy"
\p\i\p install numpy
pip\ install numpy
pip\␤ install numpy
"pip install" numpy
'pip install numpy'
pip install 'a'"b"c
pip install 'a'\''b'
pip install a\'b
pip install "a'b"
pip install ""
pip install '' numpy
pip install "a\nb"
pip install "a\␤b"
pip install a\␤b
pip install $'a'
pip install $'it\'s'
pip install $"a"
pip install a$
pip install $ a
pip install "$"
pip install a"$"b
pip install \$HOME
pip install '$HOME'
pip install "\$HOME"
pip install $HOME
pip install "${HOME}"
pip install ${HOME}x
pip install $HOMEx
pip install ${HOME#/}
pip install ${HOME%/*}
pip install ${#HOME}
pip install "`echo a`"
pip install "$(echo "a b")"
pip install $(echo "a b")
pip install "$(echo a; echo b)"
pip install $(echo)
pip install "$(echo)"
pip install $(false)
pip install $(exit 3) a
pip install $(pip list)
pip install $(pip freeze | cut -d= -f1)
pip install $(: comment)
pip install $(#comment␤) a
pip install $((1+1))
pip install a$((1+1))b
pip install $(((1)))
pip install $( (echo a) )
pip install {a}
pip install {}
pip install }
pip install { a
pip install [a
pip install ]
pip install a!
pip install !
pip install a^b
pip install a~b
pip install ~/a
pip install a=~/b
pip install ~nosuchuser/a
pip install %a
pip install a%b
pip install @a
pip install +a
pip install ,a
pip install :a
pip install a:b
pip install /a
pip install //a
pip install a/b
pip install -a
pip install --a
pip install -
pip install --
pip install ---
pip install a -b c
pip install é
pip install 日本
é install a
pip install "é" 'ü'
pip install a	b
	pip install a
  pip install a  
pip  install   a
pip install a;
pip install a;;pip list
;pip install a
pip install a &
& pip install a
pip install a &&
pip install a ||
|| pip install a
pip install a |
| pip install a
pip install a > x
pip install a >x
pip install a>x
pip install a 1>x
pip install a1>x
pip install a 2>x
pip install a 2>&1
pip install a 2>&1 >x
pip install a >x 2>&1
pip install a &>x
pip install a &>>x
pip install a >&x
pip install a >&2
pip install a >> x
pip install a >| x
pip install a <> x
pip install a < one.txt
pip install a <one.txt >x
> x pip install a
<one.txt pip install a
2>/dev/null pip install a
>/dev/null 2>&1 pip install a
pip > x install a
pip install > x a
pip install > x a b
pip install a > "x y"
pip install a > $NO
pip install a > x y
pip install a >
pip install a <
pip install a > x > y
pip install a 3> x
pip install a >&-
pip install a 2>&-
pip install a <&-
pip install a 3<&0
pip install a > /dev/stdout
pip install a > /dev/stderr
pip install a > /dev/full
pip install a > /nonexistent/x
pip install a > /
pip install a > proj/x
pip install a > proj/x/y
pip install a < missing
pip install a < missing || pip list
pip install a < missing; pip list
pip install a < proj
pip install a <<< x
pip install a <<<x
pip install a <<< "a b" > x
pip install -r <(cat requirements.txt)
pip install -r /dev/fd/3 3< requirements.txt
pip install -r - < requirements.txt
pip install a | tee x
pip install a |& tee x
pip install a | grep -v x | cat
pip install a 2>&1 | grep x; pip list
pip install a | tail -1 && pip list
pip install a | head -1 || pip list
(pip install a)
( pip install a )
((pip install a))
( (pip install a) )
{ pip install a; }
{ pip install a;}
{ pip install a }
{ pip install a; } > x
{ pip install a; } && pip list
(pip install a) > x; pip list
(pip install a; exit 1) || pip list
(pip install a;) ; pip list
() { pip install a; }
pip install a; ( )
pip install a; : $(
pip install a; echo "
pip install a; echo '
pip install a; `
pip install a \; pip list
pip install a "; pip list"
pip install a '&&' pip list
pip install a \&\& pip list
pip install a \| cat
pip install a \> x
echo pip install a
echo "pip install a"; pip list
echo `pip install a`
echo $(pip install a)
echo "$(pip install a)"
echo '$(pip install a)'
echo \$(pip install a)
echo "\$(pip install a)"
echo ${NO:-$(pip install a)}
echo ${HOME:-$(pip install a)}
echo ${HOME:+$(pip install a)}
echo ${NO:+$(pip install a)}
echo $((`pip install a`+1))
echo $(($(pip install a; echo 1)+1))
X=$(pip install a) true; pip list
X=`pip install a`; pip list
X="$(pip install a)" pip list
export X=$(pip install a); pip list
: $(pip install a)
[ "$(pip install a)" ] && pip list
[[ $(pip install a) ]] && pip list
case $(pip install a) in *) pip list;; esac
for x in $(pip install a); do pip list; done
for x in a; do echo $(pip install $x); done
cat <<< $(pip install a)
cat < <(pip install a)
cat > >(pip install a)
diff <(pip list) <(pip check)
echo <(pip install a)
ls > $(pip install a; echo x)
cat <<E␤$(pip install a)␤E
cat <<'E'␤$(pip install a)␤E
cat <<\E␤$(pip install a)␤E
cat <<"E"␤pip install a␤E
cat <<E␤\$(pip install a)␤E
cat <<E␤`pip install a`␤E
cat <<E␤${NO:-$(pip install a)}␤E
cat <<E | sh␤pip install a␤E
cat <<E | bash -s␤pip install a␤E
sh <<E␤pip install a␤E␤pip list
sh <<'E'␤pip install a␤E␤pip list
sh -e <<E␤false␤pip install a␤E␤pip list
sh -s x <<'E'␤pip install $1␤E
bash <<E && pip list␤pip install a␤E
bash <<-E␤	pip install a␤	E
bash << E␤pip install a␤ E␤E
zsh -f <<E␤pip install a␤E
dash <<E␤pip install a␤E
python - <<E␤import os␤os.system("pip install a")␤E
python <<E␤print(1)␤E␤pip list
python - <<'E'␤print("pip")␤E␤pip list
env sh <<E␤pip install a␤E
cat <<E >x.sh␤pip install a␤E␤sh x.sh
cat <<E >x.sh; sh x.sh␤pip install a␤E
cat > x.sh <<'E'␤pip install "$@"␤E␤sh x.sh a b
cat > x.sh <<E␤#!/bin/sh␤pip install a␤E␤chmod +x x.sh␤./x.sh
tee x.sh <<E␤pip install a␤E␤bash x.sh
pip install -r /dev/stdin <<E␤numpy␤E
xargs pip install <<E␤numpy␤E
while read p; do pip install $p; done <<E␤numpy␤pandas␤E
pip install a <<E␤E
pip install a <<E
pip install a <<E␤x
pip install <<E a␤x␤E
pip install a <<E; pip list␤x␤E
pip install a <<E && pip list␤x␤E
pip install a <<E | cat␤x␤E
pip install a <<A <<B␤x␤A␤y␤B␤pip list
pip install a␤␤␤pip list
pip install a␤# c␤pip list
pip install a \␤  b␤pip list
pip install a \␤# b␤pip list
pip install a \ ␤b
pip install a &&␤␤pip list
pip install a |␤cat
pip install a␤&& pip list
pip install a␤|| pip list
pip install a;␤pip list
pip install a␤;pip list
pip install a␤)␤pip list
pip install a␤}␤pip list
pip install a␤fi␤pip list
pip install a␤if true; then␤pip list
if true␤then␤pip install a␤fi
for i in a␤do␤pip install $i␤done
f()␤{␤pip install a␤}␤f
f() {␤pip install a␤}
(␤pip install a␤)
{␤pip install a␤}
pip install a #␤pip list
#!/bin/bash␤pip install a
#!/usr/bin/env python␤pip install a
set -e␤false␤pip install a
set -e␤pip install a␤pip list
set -ex␤cd proj␤pip install .
set -euo pipefail␤pip install a | cat␤pip list
set -e␤cd missing || true␤pip install a
set -e␤f() { false; }␤f && true␤pip install a
set -x␤pip install a
exit␤pip install a
exit 0␤pip install a
return␤pip install a
exec pip install a␤pip list
trap 'pip list' EXIT␤pip install a
cd proj␤pip install .␤cd ..␤pip list
export PATH=@uv@/bin:$PATH␤pip install a
PATH=@uv@/bin:$PATH␤pip install a
PATH=@uv@/bin:$PATH \␤pip install a
. env/bin/activate␤pip install a␤deactivate␤pip list
alias p=pip␤p install a
alias pip='pip -q'␤pip install a
alias i='pip install'; i a
alias i='pip install'␤i a; i b
unalias pip␤pip install a
pip() { echo; }␤pip install a
function pip { echo; }␤pip install a
X=1␤pip install $X
X=1;pip install $X
X=1 pip install $X
X=a&&pip install $X
X=a||pip install x$X
X=a|pip install x$X
X=a&pip install x$X
X= pip install a
X="a b"; pip install $X
X="a b"; pip install "$X"
X='a;b'; pip install $X
X='$HOME'; pip install $X
X='*.txt'; pip install $X
X='"a b"'; pip install $X
X=~; pip install $X
X='~'; pip install $X
X=a:~; pip install $X
X=$HOME; pip install $X
X=${NO-a}; pip install $X
X=$X$X; pip install a$X
X=a Y=$X; pip install $Y
X=a; Y=${X}b; pip install $Y
X=a; X=b pip install $X; pip list $X
X=a; (X=b); pip install $X
X=a; { X=b; }; pip install $X
X=a; X=b | cat; pip install $X
X=a; X=b & pip install $X
X=a; unset X; pip install y$X
X=a; f() { X=b; }; f; pip install $X
X=a; f() { local X=b; }; f; pip install $X
X=a; eval X=b; pip install $X
X=a; eval "X=\$X$X"; pip install $X
X=a; sh -c 'X=b'; pip install $X
X=a; export X; sh -c 'pip install $X'
X=a sh -c "pip install y$X"
X=a; read X < /dev/null; pip install y$X
X=a; for X in b; do :; done; pip install $X
X=a; for X in; do :; done; pip install $X
X=a; : ${X:=b}; pip install $X
X=; : ${X:=b}; pip install $X
X=; : ${X=b}; pip install y$X
X=a; X+=b; pip install $X
X=1; X=$((X+1)); pip install $X
X=1; : $((X+=1)); pip install $X
X=1; ((X++)); pip install $X
X=1; let X+=1; pip install $X
X=08; pip install $((X+1)); pip list
X=a; pip install $((X)); pip list
X=(a b); pip install $X
X=(a b); pip install ${X[@]}
X=(a b); pip install "${X[*]}"
X=(a b); pip install ${X[1]} ${X[0]}
X=([a]=b); pip install ${X[a]}
X[1]=a; pip install ${X[1]}
X=a; X[1]=b; pip install "${X[@]}"
X=a,b; pip install ${X//,/ }
X=a.b; pip install ${X%.*} ${X#*.}
X=ab; pip install ${X:0:1} ${X:1}
X=ab; pip install ${X^^} ${X@U}
X=ab; pip install ${X/b/c}
Y=X X=a; pip install ${!Y}
set -- a b; pip install $1 $2
set -- a b; pip install $@
set -- "a b" c; pip install "$@"
set -- a b; pip install "$*"
set -- a b; pip install $#
set -- a b; shift; pip install $@
set -- a b; set --; pip install x"$@"
set -- -q numpy; pip install "$@"
set a b; pip install $1
set -- pip install numpy; "$@"
set -- pip install numpy; $@
set -- pip install numpy; $*
set -- pip install numpy; "$*"
CMD="pip install"; $CMD numpy
CMD="pip install numpy"; eval $CMD
CMD="pip install numpy"; sh -c "$CMD"
CMD='pip install "a b"'; $CMD
CMD='pip install "a b"'; eval "$CMD"
CMD='pip install numpy | cat'; $CMD
CMD=pip; $CMD install a; CMD=uv; $CMD pip install b
CMD=(pip install); "${CMD[@]}" a
A=pip B=install; $A $B numpy
A= ; $A pip install numpy
$NO pip install numpy
"$NO" pip install numpy
${NO:+sudo} pip install numpy
${SUDO-} pip install numpy
$(true) pip install numpy
$(echo) pip install numpy
`true` pip install numpy
"""
"""Quotes, here-documents, redirections and expansions."""

MORE = r"""
awk 'BEGIN { "pip list" | getline x; print x }'
awk 'BEGIN { print "x" | "pip install numpy" }'
awk '{ system("pip install " $1) }' one.txt
awk '/pip/ { print $1 }' one.txt; pip check
sed 's/.*/pip install numpy/e' one.txt
sed -n 's/pip/x/p' one.txt; pip check
sed '1i pip list' one.txt; pip check
tar -cf none.tar one.txt --checkpoint=1 --checkpoint-action='exec=pip list'
git -c alias.x='!pip install numpy' x
git -c core.pager='pip list' --version
perl -e 'system("pip install numpy")'
perl -e 'exec "pip", "list"'
perl -e 'print `pip list`'
perl -ne 'print if /pip/' one.txt; pip check
TRAPEXIT() { pip list; }; exit 3
TRAPDEBUG() { pip list; }; :
TRAPUSR1() { pip list; }; kill -USR1 $$
zshexit() { pip check; }
chpwd() { PATH=@uv@/bin:$PATH; }; cd proj; pip install .
command_not_found_handler() { pip check; }; nowhere-x
f() { TRAPEXIT() { pip check; }; }; f; pip list
export OLDPWD=proj; cd -; pip install .
read OLDPWD < one.txt; cd -; pip list
OLDPWD=proj; cd ~-; pip install .
cd proj; OLDPWD=/; cd -; pip install .
PWD=proj; pip install .
PYTHONNOUSERSITE=1 @uv@/bin/python -m pip install --user numpy
export PYTHONNOUSERSITE=; pip install --user numpy
python -s -m pip install --user numpy
PYTHONHOME=/nowhere; export PYTHONHOME; eval "$(conda shell.bash hook)"; conda activate work; pip install numpy
export PYTHONHOME=/nowhere; eval "$(conda shell.posix hook)"; pip install numpy
() { pip install numpy; }
repeat 0 pip install numpy; pip check
if [[ -n x ]] { pip install numpy }
foreach p (a b); pip install $p; end
alias -g P='pip list'; P
hash -d uv=@uv@; ~uv/bin/pip list
emulate sh -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
setopt noexec; pip install numpy
shopt -s autocd; proj; pip install .
shopt -s lastpipe; echo @uv@/bin | read P; PATH=$P:$PATH; pip install numpy
shopt -u sourcepath; source setup-vars.sh; pip install numpy
setopt nullglob; pip install *.none numpy
pip install ~/proj
pip install a{1..3}
pip install "a"'b'c
pip install `echo \`echo numpy\``
X=numpy; pip install ${X:0:2}
X=numpy; pip install ${(U)X}
X=(a b); pip install ${X[1]}
X=(a b); X[1]=c; pip install "${X[@]}"
typeset -A X; X=(k v); pip install $X[k]
declare -i X=1+1; pip install a$X
typeset -U path; path=(@uv@/bin $path); pip install numpy
read -r X <<< 'a b'; pip install $X
readarray X <<< numpy; pip install $X
echo numpy | while read X; do pip install $X; done
parallel pip install ::: a b
! pip list && pip check
pip list &> log
pip list <> log
pip list {fd}> log
cat < <(pip list)
tee >(pip check) < one.txt
: "$(pip list 2>&1)" '$(pip check)'
echo "`pip list`"
cat <<\X␤$(pip list)␤X
bash -s numpy <<'X'␤pip install $1␤X
sh -c 'pip install "$@"' -- a b
bash -uc 'pip list $NO'; pip check
bash --norc -c 'pip list'
bash -O extglob -c 'pip list'
dash -c 'pip list'
zsh -o shwordsplit -c 'X="pip list"; $X'
env -S 'pip install numpy'
env - PATH=$PATH pip install numpy
timeout --help pip install numpy
flock log -c 'pip install numpy'
prlimit --nofile=99 pip install numpy
find one.txt -ok pip install numpy \;
watch -n1 pip list
trap 'pip check' EXIT; exit 3
trap 'pip check' RETURN; f() { :; }; f
trap 'pip check' EXIT; exec true
command_not_found_handle() { pip check; }; nowhere-x
precmd() { pip check; }; :
disable cd; cd proj; pip install numpy
command -pv pip; pip check
type -P pip && pip check
where pip; pip check
eval "pip install numpy; pip check"
. /dev/stdin <<< 'pip install numpy'
source <(echo X=numpy); pip install $X
set -- a b; pip install "$@"
set a b; pip install $*
set -C; pip list > log; pip check
set -e; false || true; pip check
set -e; X=$(false); pip check
set -e; false | true; pip check
set -euo pipefail; pip list "$NO"; pip check
set -v; pip list
set -m; pip list
set -o allexport; PIP_TARGET=x; pip install numpy
ulimit -v 1; pip list
[ -f none ] || pip list
[[ abc == a* ]] && pip list
[[ ! -e none ]] && pip list
let 0 || pip list
false || pip list && pip check
case x in x) pip list;; esac
case x in x) pip list;;& *) pip check;; esac
case $NO in '') pip list;; esac
for i in 1 2; do pip install a$i; done
for ((i=0; i<2; i++)); do pip install a$i; done
for f in *.txt; do pip install -r $f; done
while :; do pip list; break; done
f() { pip install "$@"; }; f a b
f() { unset -f f; pip list; }; f
f() for i in a; do pip install $i; done; f
function f g { pip list; }; g
pip() { echo no; }; \pip install numpy
pip() { echo no; }; env pip install numpy
pip () { echo no; }; pip3 list
alias pip=@uv@/bin/pip␤pip list
coproc P { pip list; }; wait
pip list | (cat; exit 1) && pip check
(PATH=@uv@/bin:$PATH); pip list
cd nowhere-x && pip list; pip check
cd ''; pip install .
pushd proj; pushd ..; pip list
python -Xutf8 -m pip install numpy
python -Wignore -bb -m pip install numpy
python -c pass -m pip install numpy; pip check
python -?; pip check
python - <<X␤import pip␤X
python -m runpy pip install numpy
python -m venv env2 && env2/bin/pip install numpy
. env/bin/activate && exec pip list
PATH=; pip list
PATH=@uv@/bin pip list; pip check
pip list; PATH=@uv@/bin:$PATH pip check
PATH=@uv@/bin:$PATH command pip list
PATH=@uv@/bin:$PATH sh -c 'pip list'; pip check
PATH=@uv@/bin:$PATH; env -i pip list
"""
