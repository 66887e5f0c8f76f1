"""Command lines in which the rules of a shell decide: one a line, written as in `corpus.py`.

What outlasts a command, what binds a word to a program, what starts another program, and what ends a script; many of
them are errors in one shell or another.
"""

RULES = r"""
PATH=@uv@/bin:$PATH :; pip install numpy
PATH=@uv@/bin:$PATH eval 'pip install numpy'; pip list
PATH=@uv@/bin:$PATH export A=1; pip install numpy
PATH=@uv@/bin:$PATH . ./setup-vars.sh; pip install numpy
PATH=@uv@/bin:$PATH set -- a; pip install numpy
PATH=@uv@/bin:$PATH readonly B=1; pip install numpy
PATH=@uv@/bin:$PATH unset B; pip install numpy
PATH=@uv@/bin:$PATH shift 0; pip install numpy
PATH=@uv@/bin:$PATH trap - INT; pip install numpy
PATH=@uv@/bin:$PATH times >/dev/null; pip install numpy
PATH=@uv@/bin:$PATH true; pip install numpy
PATH=@uv@/bin:$PATH cd proj; pip install numpy
PATH=@uv@/bin:$PATH command :; pip install numpy
PATH=@uv@/bin:$PATH command export A=1; pip install numpy
PATH=@uv@/bin:$PATH exec 3>/dev/null; pip install numpy
f() { :; }; PATH=@uv@/bin:$PATH f; pip install numpy
f() { pip list; }; PATH=@uv@/bin:$PATH f; pip install numpy
f() { PATH=@uv@/bin:$PATH; }; f; pip install numpy
f() { local PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { local PATH; pip list; }; f; pip install numpy
f() { local P; echo $P; }; P=1; f; pip install $P
f() { local P; pip install "x$P"; }; P=1; f; pip install $P
f() { local P=2; g; }; g() { pip install "x$P"; }; P=1; f; pip install $P
f() { typeset PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { declare PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { declare -g PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { export PATH=@uv@/bin:$PATH; pip list; }; f; pip install numpy
f() { readonly P=1; }; f; P=2; pip install $P
f() { unset PATH; PATH=@uv@/bin:@managers@; }; f; pip install numpy
f() { local P=2; unset P; pip install "x$P"; }; P=1; f
readonly P=1; P=2; pip install $P
readonly P=1; P=2 pip install $P
readonly P=1; export P=2; pip install $P
readonly P=1; unset P; pip install $P
readonly P=1; P=2 :; pip install $P
readonly PATH; PATH=@uv@/bin; pip install numpy
readonly PATH; PATH=@uv@/bin pip install numpy
readonly PATH || true; PATH=@uv@/bin true; pip install numpy
declare -r P=1; P=2; pip install $P
typeset -r P=1; (P=2); pip install $P
typeset -i N=2+3; pip install x$N
declare -i N; N=2+3; pip install x$N
integer N=2+3; pip install x$N
declare -u N=abc; pip install $N
declare -l N=ABC; pip install $N
typeset -x PATH=@uv@/bin:$PATH; pip install numpy
declare -x PIP_NO_INPUT=1; pip install numpy
declare +x PATH; pip install numpy
typeset PATH=@uv@/bin:$PATH; pip install numpy
export -n PATH; pip install numpy
export -p >/dev/null; pip install numpy
export PATH; PATH=@uv@/bin:$PATH; pip install numpy
export A=1 PATH=@uv@/bin:$PATH B=2; pip install numpy
export "PATH=@uv@/bin:$PATH"; pip install numpy
P=PATH=@uv@/bin; export $P; @quick@/bin/pip install numpy
P="A=1 PATH=@uv@/bin"; export $P; pip install numpy
V=PATH; export $V=@uv@/bin:$PATH; pip install numpy
V=PATH; eval "$V=@uv@/bin:\$PATH"; pip install numpy
V=PATH; declare "$V=@uv@/bin:$PATH"; pip install numpy
V=PATH; printf -v $V '%s' "@uv@/bin:$PATH"; pip install numpy
printf -v PATH '%s' "@uv@/bin:$PATH"; pip install numpy
printf -v P numpy; pip install $P
V=PATH; read $V <<< "@uv@/bin"; pip install numpy
read -r PATH <<< "@uv@/bin:$PATH"; pip install numpy
read P <<< numpy; pip install $P
echo numpy | read P; pip install x$P
echo numpy | { read P; pip install x$P; }
mapfile -t A <<< numpy; pip install "${A[0]}"
mapfile PATH < requirements.txt; pip install numpy
readarray -t A < requirements.txt; pip install "${A[@]}"
getopts a PATH -a; pip install numpy
while getopts a: P -a numpy; do pip install $OPTARG; done
: ${P:=numpy}; pip install $P
: ${P=numpy}; pip install $P
: ${PATH:=@uv@/bin}; pip install numpy
: ${PIP:=pip3}; $PIP install numpy
: "${PIP:=pip3 install}"; $PIP numpy
echo ${PIP:=pip3}; $PIP install numpy
PATH=; : ${PATH:=@uv@/bin}; pip install numpy
pip install ${P:=numpy} $P
pip install ${P:+numpy}
P=1; pip install ${P:+numpy}
P=numpy; pip install ${P-x} ${Q-y}
P=numpy.whl; pip install ${P%.whl}
P=a/b/numpy; pip install ${P##*/}
P=numpy; pip install x${#P}
P=numpy; pip install ${P/num/cu}
P=numpy; pip install ${P^^}
P=numpy; pip install ${P:0:3}
PATH=${PATH#*:}; pip install numpy
PATH=${PATH//quick/uv}; pip install numpy
((P=1)); pip install x$P
$((P=1)); pip install x$P
: $((P=1)); pip install x$P
P=$((1+2)); pip install x$P
let P=1; pip install x$P
let P=0; pip install x$P
((P++)); pip install x$P
((0)) && pip install x
((1)) && pip install x
((P=0)) || pip install x$P
for ((i=0;i<2;i++)); do pip install x$i; done
(PATH=@uv@/bin:$PATH); pip install numpy
true | PATH=@uv@/bin:$PATH; pip install numpy
true | { PATH=@uv@/bin:$PATH; }; pip install numpy
true | export PATH=@uv@/bin:$PATH; pip install numpy
true | cd env/bin; ./pip install numpy
echo | while read x; do PATH=@uv@/bin:$PATH; done; pip install numpy
X=$(PATH=@uv@/bin; echo hi); pip install numpy
: $(PATH=@uv@/bin:$PATH; pip list); pip install numpy
PATH=@uv@/bin:$PATH & wait; pip install numpy
{ PATH=@uv@/bin:$PATH; } & pip install numpy
coproc pip install numpy
coproc pip install numpy; wait
coproc { pip install numpy; }
coproc N { pip install numpy; }
coproc pip { sleep 0; }; pip install numpy
trap 'pip install numpy' EXIT
trap 'pip install numpy' EXIT; exit 3
trap 'pip install numpy' 0
trap "pip install numpy" INT; pip list
trap 'pip install numpy' EXIT; trap - EXIT; pip list
trap 'pip install numpy' ERR; false
trap 'pip install numpy' DEBUG; :
(trap 'pip install numpy' EXIT); pip list
f() { trap 'pip install numpy' EXIT; }; f; pip list
f() { trap 'pip install numpy' RETURN; }; f
pip list <(pip install numpy)
cat <(pip install numpy)
pip install numpy > >(cat)
diff <(pip list) <(pip freeze)
declare -n R=PATH; R=@uv@/bin:$PATH; pip install numpy
declare -n R=P; P=numpy; pip install $R
A=(pip install numpy); "${A[@]}"
A=(numpy pandas); pip install "${A[@]}"
A=(numpy pandas); pip install $A
A=(numpy pandas); pip install ${A[1]}
A+=(numpy); pip install "${A[@]}"
PATH+=:@uv@/bin; pip install numpy
PATH+=(x); pip install numpy
P=num; P+=py; pip install $P
P=num; P+=py pip install $P
PATH[0]=@uv@/bin; pip install numpy
env -i pip install numpy
env -i PATH=@uv@/bin pip install numpy
env -u PATH pip install numpy
env -S 'A=1 pip install' numpy
env -vS 'pip install numpy'
env --split-string='pip install numpy'
env -iS 'PATH=@uv@/bin pip install numpy'
env -0 pip install numpy
env -a x pip install numpy
env --block-signal pip install numpy
env --ignore-signal=INT pip install numpy
env -uPATH @uv@/bin/pip install numpy
env -Cproj pip install numpy
env PATH=@uv@/bin
command -p pip install numpy
command -- pip install numpy
command -p -v pip; pip install numpy
command -x pip install numpy
command PATH=@uv@/bin pip install numpy
builtin pip install numpy
builtin echo x; pip install numpy
builtin export PATH=@uv@/bin:$PATH; pip install numpy
builtin eval 'pip install numpy'
command eval 'PATH=@uv@/bin:$PATH'; pip install numpy
command . ./setup-path.sh; pip install numpy
command exec pip install numpy; pip list
exec -a x pip install numpy; pip list
exec -c pip install numpy
exec -c @uv@/bin/pip install numpy
exec -l pip install numpy
exec -- pip install numpy
exec -cl @uv@/bin/pip install numpy
exec -z pip install numpy
exec missing-program; pip install numpy
exec missing-program || pip install numpy
(exec missing-program); pip install numpy
exec < missing; pip install numpy
exec > /dev/null; pip install numpy
exec {FD}> /dev/null; pip install numpy
exec 3< requirements.txt; pip install numpy
exec $UNSET pip install numpy; pip list
exec $UNSET; pip install numpy
hash -p @uv@/bin/pip pip; pip install numpy
hash -p @uv@/bin/pip x; x install numpy
hash pip=@uv@/bin/pip; pip install numpy
hash pip; PATH=@uv@/bin:$PATH; pip install numpy
hash -r; pip install numpy
hash -d pip; pip install numpy
hash nothing-such || pip install numpy
pip list; PATH=@uv@/bin:$PATH; pip install numpy
pip() { echo mine; }; pip install numpy
pip() { command pip "$@"; }; pip install numpy
pip() { uv pip "$@"; }; pip install numpy
pip() { echo; }; unset -f pip; pip install numpy
pip() { echo; }; unset pip; pip install numpy
pip() { echo; }; \pip install numpy
pip() { echo; }; command pip install numpy
pip() { echo; }; env pip install numpy
pip() { echo; }; export -f pip; bash -c 'pip install numpy'
pip() { echo; }; (unset -f pip; pip install numpy); pip list
pip () ( command pip "$@" ); pip install numpy
function pip { echo; }; pip install numpy
function pip() { echo; }; pip install numpy
pip() { pip3 "$@"; } > /dev/null; pip install numpy
if false; then pip() { echo; }; fi; pip install numpy
if ls; then pip() { echo; }; fi; pip install numpy
true() { false; }; true && pip install numpy
cd() { :; }; cd proj; pip install numpy
echo() { pip install numpy; }; echo x
export() { :; }; export PATH=@uv@/bin; pip install numpy
exit() { :; }; exit; pip install numpy
eval() { :; }; eval pip install numpy
ls() { pip install numpy; }; ls | cat
alias pip='echo'; pip install numpy
alias x='pip install'; eval 'x numpy'
unalias pip; pip install numpy
unalias -a; pip install numpy
alias; pip install numpy
alias pip='pip3' ls=ls; pip list
alias echo='pip install'; echo numpy
\alias x=pip; x list
command_not_found_handle() { pip install numpy; }; nothing-such
command_not_found_handler() { pip install numpy; }; nothing-such
PROMPT_COMMAND='pip list'; pip install numpy
set -a; PIP_TARGET=libs; pip install numpy
set -a; P=1; set +a; pip install numpy
set -o allexport; PATH=@uv@/bin:$PATH; pip install numpy
set -n; pip install numpy
set -o noexec; pip install numpy
set -f; pip install wheels/*.whl
set -o noglob; pip install wheels/*.whl
set -u; pip install $NOTHING numpy
set -u; echo $NOTHING; pip install numpy
set -u; echo ${NOTHING:-x}; pip install numpy
set -u; (echo $NOTHING); pip install numpy
set -u; X=$NOTHING; pip install numpy
set -u; [ -z "$NOTHING" ] && pip install numpy
set -o nounset; : $NOTHING; pip install numpy
set -u; echo $1; pip install numpy
set -u; echo "$@"; pip install numpy
set -u; echo $NOTHING || pip install numpy
set -eu; cd proj; pip install numpy
: ${U:?msg}; pip install numpy
: ${HOME:?msg}; pip install numpy
echo ${U?}; pip install numpy
(: ${U:?msg}); pip install numpy
: ${U:?msg} || pip install numpy
X=${U:?}; pip install numpy
set -e; false; pip install numpy
set -e; false || true; pip install numpy
set -e; false && true; pip install numpy
set -e; ! true; pip install numpy
set -e; if false; then :; fi; pip install numpy
set -e; (false); pip install numpy
set -e; (false) || true; pip install numpy
set -e; { false; }; pip install numpy
set -e; f() { false; pip install numpy; }; f
set -e; f() { false; pip install numpy; }; f || pip list
set -e; if f() { false; pip list; }; f; then pip install numpy; fi
set -e; X=$(false); pip install numpy
set -e; echo $(false); pip install numpy
set -e; export X=$(false); pip install numpy
set -e; local X=$(false); pip install numpy
set -e; false | true; pip install numpy
set -e; true | false; pip install numpy
set -eo pipefail; false | true; pip install numpy
set -o pipefail; false | true && pip install numpy
set -o pipefail; true | true && pip install numpy
set -e; while false; do :; done; pip install numpy
set -e; until true; do :; done; pip install numpy
set -e; false & pip install numpy
set -e; [ -f missing ]; pip install numpy
set -e; [ -f missing ] && echo; pip install numpy
set -e; case x in x) false;; esac; pip install numpy
set -e; set +e; false; pip install numpy
set -e; trap 'pip install numpy' EXIT; false; pip list
set -e; eval false; pip install numpy
set -e; ls missing; pip install numpy
set -e; cd missing; pip install numpy
set -e; pip list; pip install numpy
set -e; bash -c 'false; pip install numpy'
set -E; pip install numpy
set -euo pipefail; pip install numpy
set -x; pip install numpy
set -k; pip install A=1
set -o posix; PATH=@uv@/bin :; pip install numpy
set -o nonsense; pip install numpy
set -Z; pip install numpy
set +o nonsense || pip install numpy
set -- numpy pandas; pip install "$@"
set -- numpy pandas; shift; pip install "$1"
set -- numpy; shift 2; pip install x$1
set numpy; pip install $1
set - numpy; pip install $1
set +x numpy; pip install $1
set -C; pip list > one.txt; pip install numpy
set -o noclobber; pip list > one.txt && pip install numpy
shopt -s nullglob; pip install nothing*.whl
shopt -s extglob; pip install wheels/@(demo)*.whl
shopt -s dotglob; pip install *.cfg
shopt -s lastpipe; true | PATH=@uv@/bin:$PATH; pip install numpy
shopt -s expand_aliases; alias p=pip; p install numpy
shopt -s failglob; pip install nothing*
shopt -s nonsense; pip install numpy
if; pip install numpy
pip install numpy; if
pip install numpy; fi
pip install numpy )
pip install numpy; echo "unclosed
pip install numpy; echo 'unclosed
pip install numpy; done
pip install numpy; &&
pip install numpy;; pip list
pip install numpy; ( ls
pip install numpy & ; ls
pip install numpy | | cat
pip install numpy; for
pip install $(
pip install ${P
pip install numpy; case x in
{ pip install numpy }
!pip install numpy
pip install numpy < missing; pip list
: < missing; pip install numpy
export A=1 < missing; pip install numpy
eval : < missing; pip install numpy
true < missing; pip install numpy
{ :; } < missing; pip install numpy
( : ) < missing; pip install numpy
{ pip install numpy; } < missing
f() { :; }; f < missing; pip install numpy
command : < missing; pip install numpy
while false; do :; done < missing; pip install numpy
if true; then :; fi < missing; pip install numpy
. ./missing.sh; pip install numpy
. ./missing.sh || pip install numpy
command . ./missing.sh; pip install numpy
source ./missing.sh || pip install numpy
. missing-nowhere; pip install numpy
. ; pip install numpy
exit; pip install numpy
exit | pip install numpy
(exit); pip install numpy
exit 1 || pip install numpy
exit x; pip install numpy
exit 1 2; pip install numpy
return; pip install numpy
return 1; pip install numpy
f() { return; pip list; }; f; pip install numpy
f() { return 1; }; f && pip install numpy
f() { return 1; }; f || pip install numpy
f() { return 0; }; f && pip install numpy
f() { exit; }; f; pip install numpy
f() { (exit); }; f; pip install numpy
f() { false; }; f && pip install numpy
f() { true; }; f && pip install numpy
break; pip install numpy
continue; pip install numpy
for i in 1 2; do break; pip list; done; pip install numpy
for i in 1 2; do continue; pip list; done; pip install numpy
for i in 1 2; do for j in 3 4; do break 2; done; pip list; done; pip install numpy
while true; do break; done; pip install numpy
while :; do pip install numpy; exit; done
until false; do pip install numpy; break; done
for i in; do pip list; done; pip install numpy
for i in 1; do false; done && pip install numpy
(kill $$); pip install numpy
read P < /dev/null; pip install numpy
read P < /dev/null && pip install numpy
read P < one.txt && pip install $P
read -t 0 P; pip install numpy
python -V -m pip install numpy
python --version -m pip install numpy
python -h -m pip install numpy
python --help -m pip
python -? -m pip install numpy
python -VV -m pip list
python -c pass -m pip install numpy
python -i -m pip install numpy
python -OO -m pip install numpy
python -bbb -m pip install numpy
python -z -m pip install numpy
python -X importtime -m pip install numpy
python --check-hash-based-pycs always -m pip install numpy
python -m pip -h
python -P -m pip install numpy
python -x -m pip install numpy
python -m pip.__main__ install numpy
python -m pip._internal install numpy
python -m pip._internal.cli.main install numpy
python -m runpy pip
python @quick@/lib/python@X.Y@/site-packages/pip install numpy
python @quick@/bin/pip install numpy
python -c "import pip; pip.main(['install', 'numpy'])"
python -c "import runpy; runpy.run_module('pip')"
python -c "import subprocess; subprocess.run(['pip', 'install', 'numpy'])"
python -c "import os; os.execvp('pip', ['pip', 'install', 'numpy'])"
python - <<< "import os; os.system('pip install numpy')"
echo "import os; os.system('pip install numpy')" | python
echo "import os; os.system('pip install numpy')" | python -
flock lock pip install numpy
flock -n lock pip install numpy
flock lock -c 'pip install numpy'
flock -w 5 lock pip install numpy
flock --nonblock lock pip install numpy
taskset 1 pip install numpy
taskset -c 0 pip install numpy
taskset -p $$; pip install numpy
chrt -b 0 pip install numpy
chrt -i 0 pip install numpy
ionice -c 2 -n 7 pip install numpy
ionice -p $$; pip install numpy
setsid -f pip install numpy
setsid --fork pip install numpy
setarch x86_64 pip install numpy
linux64 pip install numpy
prlimit --nofile=1000 pip install numpy
prlimit -n1000 pip install numpy
find . -maxdepth 0 -exec pip install numpy \;
find . -name one.txt -exec pip install -r {} +
find . -name one.txt -execdir pip install -r {} \;
find . -name nothing -exec pip install numpy \;
find . -name one.txt -ok pip install -r {} \;
find . -maxdepth 0 -exec sh -c 'pip install numpy' \;
find . -name '*.txt' -delete; pip list
find . -name one.txt | xargs pip install -r
echo numpy | xargs pip install
echo numpy | xargs -I{} pip install {}
echo numpy | xargs -r -n 1 -P 2 pip install
echo numpy | xargs -t pip install
echo numpy | xargs --no-run-if-empty pip install
echo 'pip install numpy' | xargs -I{} sh -c '{}'
echo numpy | xargs sh -c 'pip install "$@"' x
echo pip install numpy | xargs
echo pip install numpy | xargs env
xargs pip install < requirements.txt
xargs -a one.txt pip install
xargs pip < /dev/null install numpy
stdbuf -o L pip install numpy
stdbuf --output=L pip install numpy
time -v pip install numpy
time -o log pip install numpy
\time pip install numpy
\time -o log pip install numpy
command time -f %e pip install numpy
timeout 5 pip install numpy
timeout -s KILL 5 pip install numpy
timeout --foreground 5 pip install numpy
timeout 0.5 sh -c 'pip install numpy'
timeout -v 5 pip install numpy
timeout --preserve-status 5 pip install numpy
timeout x pip install numpy
nice -n 5 -- pip install numpy
nice --adjustment=5 pip install numpy
nice -n x pip install numpy
nohup -- pip install numpy
nohup --version; pip install numpy
doas pip install numpy
bash -c "pip install numpy" & wait
bash -ec 'false; pip install numpy'
bash -uc 'echo $NO; pip install numpy'
bash -xc 'pip install numpy'
bash -o pipefail -c 'false | true && pip install numpy'
bash -o errexit -c 'false; pip install numpy'
bash +e -c 'pip install numpy'
bash --norc -c 'pip install numpy'
bash --posix -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
bash -O extglob -c 'pip install numpy'
bash --rcfile x -c 'pip install numpy'
bash -nc 'pip install numpy'
bash -c -- 'pip install numpy'
bash -c -e 'false; pip install numpy'
bash -sc 'pip install numpy'
bash -c
bash -c '' pip install numpy
sh -c 'pip install "$0"' numpy
sh -c 'pip install "$@"' x numpy pandas
dash -c 'PATH=@uv@/bin:$PATH :; pip install numpy'
zsh -c 'pip install numpy'
zsh -fc 'P="a b"; pip install $P'
zsh -f -c 'pip install numpy'
sh -s <<< 'pip install numpy'
sh setup.sh
. ./setup.sh; pip list
./setup.sh
echo 'pip install numpy' | sh
echo 'pip install numpy' | sh -s
cat setup.sh | bash -
cat pip.txt | bash
busybox sh -c 'pip install numpy'
sh <<< 'pip install numpy'
make; pip install numpy
P=numpy; eval "pip install $P"
P='pip install numpy'; eval $P
P='pip install numpy'; eval "$P"
P='pip install numpy'; $P
P='pip install numpy'; "$P"
P='a;pip install numpy'; eval "$P"
eval; pip install numpy
eval ''; pip install numpy
eval 'pip install numpy' 'pandas'
eval 'if'; pip install numpy
eval 'exit'; pip install numpy
eval 'f() { pip "$@"; }'; f install numpy
eval 'P=numpy'; pip install $P
eval eval eval pip install numpy
eval -- pip install numpy
P=pip; "$P" install numpy
P=pip; ${P} install numpy
P=pip; ${P}3 install numpy
P=ip; p$P install numpy
$'pip' install numpy
$'p\x69p' install numpy
"$(echo pip)" install numpy
$(echo pip install) numpy
`echo pip` install numpy
{pip,install,numpy}
pi? install numpy
@quick@/bin/pi[p] install numpy
@quick@/bin/pip* install numpy
~/myenv/bin/pi? install numpy
path=(@uv@/bin $path); pip install numpy
path=(@uv@/bin); pip install numpy
path+=(@uv@/bin); pip install numpy
path=@uv@/bin; pip install numpy
path[1]=@uv@/bin; pip install numpy
typeset -T PATH p; p=(@uv@/bin $p); pip install numpy
typeset -U path; pip install numpy
export path; pip install numpy
unset path; pip install numpy
unset PATH; pip install numpy
PATH=; pip install numpy
PATH=/nowhere; pip install numpy
noglob pip install six[extra]
nocorrect pip install numpy
- pip install numpy
noglob noglob pip install numpy
pip install =python
=pip install numpy
pip install six==1.0*
pip install nothing-*.whl; pip list
pip install [x; pip list
pip install numpy[all]; pip list
disable pip; pip install numpy
disable echo; echo pip install numpy
enable -n echo; echo pip install numpy
enable -n export; export PATH=@uv@/bin; pip install numpy
autoload pip; pip install numpy
autoload -Uz compinit; pip install numpy
unfunction pip; pip install numpy
unhash pip; pip install numpy
alias -g N=numpy; pip install N
alias -s txt=pip; one.txt
setopt shwordsplit; P="a b"; pip install $P
setopt no_nomatch; pip install nothing*
setopt extendedglob; pip install numpy
emulate sh; P="a b"; pip install $P
emulate -L sh -c 'pip install numpy'
print pip install numpy
repeat 2 pip install numpy
foreach i (a b); pip install $i; end
for i (a b) pip install $i
while read -r a b; do pip install $a; done < requirements.txt
time { pip install numpy; }
! { pip install numpy; }
if ! pip install numpy; then pip list; fi
[[ -f one.txt && -n "$(pip list)" ]] && pip install numpy
[[ a == b ]] || pip install numpy
[[ a == a ]] && pip install numpy
[ a = b ] || pip install numpy
[ a = a ] && pip install numpy
test a = b && pip install numpy
test -n "$HOME" && pip install numpy
test; pip install numpy
[ ; pip install numpy
case $HOME in /*) pip install numpy;; esac
case a in a) pip install a;& b) pip install b;; esac
case a in a) pip install a;;& *) pip install b;; esac
case a in (a) pip install a; esac
pip install numpy 2>&1 | tee log; exit ${PIPESTATUS[0]}
pip install numpy |& cat
pip install numpy &> log
pip install numpy >&2
pip install numpy <&-
pip install numpy 2>&-
pip install numpy 3<>log
pip install numpy >| one.txt
pip install numpy <<< y
pip install numpy > $UNSET
pip install numpy > "a b"
P="a b"; pip install numpy > $P
pip install numpy > wheels/*
pip install numpy > proj
pip install numpy < proj
pip install numpy >&log
pip install numpy 2>&9
pip install numpy >&9; pip list
pip install numpy < one.txt > one.txt
pip install "`echo numpy`"
pip install "`echo \`echo numpy\``"
pip install "$(echo "$(echo numpy)")"
pip install $(pip list > log; echo numpy)
X=`pip list` pip install numpy
X=$(exit 3) && pip install numpy
X=$(true) && pip install numpy
X=$(exit 3); pip install numpy
pip install numpy || exit; pip list
pip install numpy && exit; pip list
wait; pip install numpy
jobs; pip install numpy
umask 077; pip install numpy
ulimit -n 100; pip install numpy
ulimit -v 1; pip install numpy
sleep 0; pip install numpy
logout; pip install numpy
caller; pip install numpy
dirs; pip install numpy
type pip; pip install numpy
type nothing-such && pip install numpy
which nothing-such || pip install numpy
command -v nothing-such && pip install numpy
command -v cd && pip install numpy
history; pip install numpy
fc -l; pip install numpy
bind; pip install numpy
complete; pip install numpy
help; pip install numpy
disown; pip install numpy
times; pip install numpy
f() { export PATH=@uv@/bin:$PATH; }; A=1 f; pip install numpy
f() { PATH=$1:$PATH; pip list; }; f @uv@/bin; pip install numpy
f() { local X=1 PATH=@uv@/bin:$PATH; g; }; g() { pip install numpy; }; f; pip list
set -- @uv@/bin/pip install; "$@" numpy
set -- pip install; eval "$* numpy"
X=1 Y=$X pip install a$Y
X=@uv@/bin; PATH=$X:$PATH Y=2 pip install numpy
export X; X=@uv@/bin; PATH=$X:$PATH; pip install numpy
unset HOME; pip install ~/x
readonly X=1; unset X || pip install numpy
readonly X; X=2 || pip install numpy
( readonly P=1; P=2; pip list ); pip install numpy
eval 'readonly P=1; P=2'; pip install numpy
command readonly P=1; pip install $P
IFS=,; P=a,b; pip install $P
IFS=, read A B <<< "x,y"; pip install numpy
P=numpy; : ${Q:=$P}; pip install $Q
: ${Q:=${P:=numpy}}; pip install $P
pip install "${P:-$(echo numpy)}"
pip install ${P:-"a b"} ${Q:-a b}
P=; pip install ${P-x} ${P:-y}
: ${1:=x}; pip install numpy
set -u; P=; pip install $P numpy
set -u; pip install "${@}" numpy
set -u; f() { echo $1; }; f; pip install numpy
set -u; unset HOME; cd; pip install numpy
set -e; f() { return 1; }; f; pip install numpy
set -e; x=1; [ $x = 2 ] && echo; pip install numpy
set -e; (exit 0); pip install numpy
set -e; true && false || false; pip install numpy
set -e; . ./setup-vars.sh; pip install numpy
set -e; command false; pip install numpy
set -e; { ls missing || true; }; pip install numpy
set -e; A=$(true); pip install numpy
set -e; f() (exit 3); f; pip install numpy
(set -e; false; pip list); pip install numpy
sh -c 'set -e; false; pip list' || pip install numpy
set -o errexit -o nounset; pip install numpy
trap 'exit 1' EXIT; pip install numpy
trap 'rm -f x' EXIT; pip install numpy; false
trap '' INT TERM; pip install numpy
trap 'echo bye; pip list' EXIT; exit 0
trap 'pip list' EXIT; exec true
f() { for i in 1 2; do return; done; pip list; }; f; pip install numpy
for i in 1 2 3; do [ $i = 2 ] && continue; pip install x$i; done
for i in a b; do for j in c d; do continue 2; pip list; done; done; pip install numpy
while true; do pip list; break; pip check; done; pip install numpy
until pip list; do pip check; break; done
i=0; while [ $i -lt 2 ]; do pip install x$i; i=$((i+1)); done
case x$1 in x) pip install numpy;; *) pip list;; esac
case $SHELL in */zsh) pip list;; *) pip install numpy;; esac
case a in [ab]) pip install numpy;; esac
if [ 1 -eq 1 ]; then pip install numpy; fi
if (false); then pip list; elif true; then pip install numpy; else pip check; fi
exec 2>&1; pip install numpy
exec env -u X pip install numpy
exec nice pip install numpy; pip list
nohup sh -c 'pip install numpy' > /dev/null
env -u X -C proj A=1 pip install numpy
env -S "pip install -q" numpy
env -i HOME=/ PATH=@uv@/bin:@tools@ sh -c 'pip install numpy'
timeout 10 env A=1 nice -n 2 pip install numpy
timeout 10 bash -c 'cd proj && pip install .'
stdbuf -oL -eL pip install numpy
setsid -w pip install numpy
find . -name 'one.txt' -print -exec pip install -r {} \; -quit
find . -maxdepth 0 -exec pip list \; -exec pip check \;
find proj -maxdepth 0 -execdir pip list \;
printf 'numpy\n' | xargs -n1 pip install
echo x | xargs -I X pip install X
ls | xargs -I{} echo pip install {}
bash <<< 'cd proj; pip install .'
zsh -fc 'alias p=pip; p list'; pip install numpy
bash -c 'f() { pip "$@"; }; f list'
bash -c 'exit 1' || pip install numpy
bash -euo pipefail -c 'false | true; pip list'; pip install numpy
dash -ec 'false; pip list'; pip install numpy
bash setup.sh && pip list
./setup.sh; pip list
bash ./missing.sh; pip list
. env/bin/activate; deactivate; pip install numpy
. env/bin/activate; f() { pip install numpy; }; f
P=(a b); P+=(c); pip install "${P[@]}"
P=(a "b c"); pip install "${P[@]}" "${P[0]}"
declare -a P=(a b); pip install ${P[@]}
declare -A M=([a]=b); pip install numpy
local x=1; pip install numpy
hash -p @uv@/bin/python python; python -m pip install numpy
hash -p /missing/pip pip; pip install numpy
hash -p @uv@/bin/pip pip; hash -r; pip install numpy
pip() { return 1; }; pip install numpy || command pip list
python() { command python "$@"; }; python -m pip install numpy
type() { pip install numpy; }; type x
PATH=@uv@/bin:$PATH command pip install numpy
PATH=@uv@/bin:$PATH exec pip install numpy
PATH=@uv@/bin:$PATH env pip install numpy
PATH=@uv@/bin:$PATH eval pip install numpy
PATH=@uv@/bin:$PATH sh -c 'pip install numpy'; pip list
PATH=@uv@/bin:$PATH nohup pip install numpy
X=$(cd env/bin && pwd); $X/pip install numpy
cd proj & pip install numpy
cd proj | cat; pip install numpy
{ cd proj; } > /dev/null; pip install .
{ cd proj; } | cat; pip install numpy
pip list | while read l; do pip install numpy; break; done
true | pip install numpy
python -q -m pip install numpy
python -W error::X -mpip install numpy
python -Xfrozen_modules=off -m pip list
python -c "import sys" -m pip install numpy
python -m pip.__main__ list
python -h | cat; pip list
python3 -sE -m pip install numpy
python -m venv --help; pip install numpy
exec -a python @uv@/bin/python -m pip install numpy
PATH=@uv@/bin:$PATH \:; pip install numpy
PATH=@uv@/bin:$PATH ":" "$(pip list)"; pip install numpy
E=export; PATH=@uv@/bin:$PATH $E A=1; pip install numpy
C=:; PATH=@uv@/bin:$PATH $C; pip install numpy
:() { true; }; PATH=@uv@/bin:$PATH :; pip install numpy
f() { PATH=@uv@/bin:$PATH :; }; f; pip install numpy
f() { local PATH=@uv@/bin:$PATH; PATH=@uv@/bin:$PATH :; }; f; pip install numpy
f() { local PATH=@uv@/bin:$PATH; g() { pip list; }; g; }; f; g
f() { local PATH=@uv@/bin:$PATH; return 1; }; f || pip install numpy
f() { local PATH=@uv@/bin:$PATH; export PATH; sh -c 'pip list'; }; f; pip install numpy
f() { eval 'local P=2'; pip install x$P; }; P=1; f; pip install x$P
f() { local P=2; eval 'P=3'; }; P=1; f; pip install x$P
f() { readonly PATH=@uv@/bin:$PATH; }; f; pip install numpy
f() { local -r P=2; P=3; pip install x$P; }; f; pip list
f() { typeset P=2; }; P=1; f; pip install x$P
readonly P=1 Q; Q=2 || pip install x$Q; pip list
readonly P; (unset P) || pip install numpy
readonly P=1; f() { local P=2; pip install x$P; }; f; pip list
readonly P=1; for P in 2; do pip list; done; pip install numpy
readonly P=; : ${P:=2}; pip install x$P
: ${P:=pip} ${Q:=install}; $P $Q numpy
: "${P:=@uv@/bin}"; PATH=$P:$PATH pip list; pip install numpy
unset P; pip install ${P:=numpy}; pip install x$P
set -u; P=1; unset P; pip install x$P; pip list
set -u; f() { pip install "$1"; }; f; pip list
set -u; for p in $P; do pip list; done; pip install numpy
set -u; eval 'echo $P'; pip install numpy
set -u; { echo $P; } 2> /dev/null; pip install numpy
(set -u; echo $P) || pip install numpy
{ set -u; }; echo $P; pip install numpy
: ${P?}; pip install numpy
f() { : ${1:?none}; pip install "$1"; }; f numpy; f; pip list
(: ${P:?}; pip list) || pip install numpy
X=${P:?} pip install numpy
pip install ${P:?} || pip list
if : ${P:?}; then :; fi; pip install numpy
set -o pipefail; false | true || pip install numpy
set -o pipefail; ! false | true; pip install numpy
set -eo pipefail; false | true | true; pip install numpy
set -eo pipefail; if false | true; then pip list; fi; pip install numpy
set -eo pipefail; true | false || true; pip install numpy
set -e; set -o pipefail; set +e; false | true; pip install numpy
trap 'pip install numpy' EXIT; set -u; echo $P; pip list
trap 'pip install numpy' EXIT; : ${P:?}; pip list
f() { break; }; for i in 1 2; do f; pip install x$i; done
for i in $(echo a b); do pip install $i; done
case ${P:=x} in x) pip install x$P;; esac; pip install x$P
exec sh -c 'exec pip install numpy'; pip list
exec 2> missing/log; pip install numpy
flock -x lock sh -c 'pip install numpy'
flock -s lock pip install numpy && pip list
flock lock -c 'PATH=@uv@/bin:$PATH; pip install numpy'
flock -u 9 pip install numpy; pip list
taskset -c 0 sh -c 'pip install numpy'
taskset -ac 0 pip install numpy
taskset --cpu-list 0 pip install numpy
find . -maxdepth 0 -exec env PATH=@uv@/bin:@tools@ pip install numpy \;
find . -maxdepth 0 -exec pip install numpy ';' -exec pip list ';'
find . -name one.txt -exec pip install -r '{}' ';'
find . -name one.txt -exec sh -c 'pip install -r "$1"' x {} \;
find -exec pip --version \; -quit
echo pip install numpy | xargs -I{} sh -c "{}"
bash -c 'set -u; echo $P; pip list'; pip install numpy
bash -c ': ${P:?}; pip list' || pip install numpy
sh -euc 'echo $P; pip list'; pip install numpy
dash -uc 'echo $P; pip list'; pip install numpy
zsh -fuc 'echo $P; pip list'; pip install numpy
zsh -fc 'path=(@uv@/bin $path); pip install numpy'
zsh -fc 'hash pip=@uv@/bin/pip; pip install numpy'
bash -c 'hash -p @uv@/bin/pip pip; pip install numpy'
hash -p @uv@/bin/pip pip; (pip list); pip install numpy
hash -p @uv@/bin/pip pip; sh -c 'pip list'; pip install numpy
hash -p @uv@/bin/pip pip; command pip list; env pip install numpy
hash -p @uv@/bin/pip pip; pip() { command pip "$@"; }; pip install numpy
declare -n P=Q; P=numpy; pip install $Q
declare -n P=PATH; P=@uv@/bin:$P; pip install numpy
f() { local -n P=$1; P=@uv@/bin:$PATH; }; f PATH; pip install numpy
declare -n P=Q; unset P; Q=1; pip install x$P
printf -v PATH %s:%s @uv@/bin "$PATH"; pip install numpy
printf -v P '%s ' a b; pip install $P
printf -vP numpy; pip install $P
coproc { pip install numpy; }; pip list; wait
coproc P { sleep 0; }; wait; pip install numpy
python -m pip.__main__ --version; pip list
python -m pip.__pip-runner__ install numpy
python -Im pip.__main__ install numpy
python -mpip.__main__ install numpy
python -Vm pip install numpy
python -hm pip install numpy
python -Wm pip install numpy
python -Xm pip install numpy
python -bVm pip install numpy
python --help-all -m pip install numpy
python --help-env -m pip install numpy
python --help-xoptions -m pip install numpy
python -E -V -m pip list; pip install numpy
python wheels/demo-1.0-py3-none-any.whl/pip install numpy; pip list
python ./env/bin/pip install numpy
pip install numpy; fi; pip list
pip install numpy; for i in; do done
pip install numpy; if true; then fi
pip install numpy; case x in; esac
pip install numpy; echo ${}; pip list
f() { typeset -r TERM=x; }; f; pip install numpy
f() { local -r P=x; }; f; pip install numpy
f() { local PATH=@uv@/bin:$PATH; readonly PATH; pip list; }; f; pip install numpy
f() { readonly IFS=,; pip list; }; f; pip install numpy
f() { readonly LC_ALL=C; }; f; pip install numpy
f() { readonly A=1 PS4=x; }; (f); pip install numpy
readonly TERM; f() { local TERM=x; pip list; }; f; pip install numpy
readonly LANG; f() { local LANG; pip list; }; f; pip install numpy
set -u; f() { pip install $1; }; f || pip list
set -u; eval 'pip install $1'; pip list
set -u; f() { pip install $NO; }; eval f; pip list
f() { pip install ${1:?none}; }; f; pip list
eval 'pip install ${NO:?}'; pip list
pip install numpy; if true; then :; else fi
pip install numpy; for i in 1; do done
pip install numpy; while false; do done
pip install numpy; ( )
pip install numpy; { }
pip install numpy; if true; then :; elif true; then fi
"""
