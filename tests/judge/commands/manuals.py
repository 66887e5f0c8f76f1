"""Command lines written from the manuals of three shells and from notebooks, without a look at what judges them.

Each batch is for its own shell, written as in `corpus.py`. In those of `CELLS` empty lines divide one text from the next.
"""

from __future__ import annotations

BASH = r"""
PIP=pip; PIP+=3; $PIP install numpy
PKG=numpy==1.26.4; pip install ${PKG%%=*}
PKG=numpy==1.26.4; pip install "${PKG##*=}"
PKG=numpy-1.26; pip install ${PKG/-/==}
PKG=a.b.c; pip install ${PKG//./-}
PKG=numpy; pip install ${PKG/#num/cu} ${PKG/%py/ba}
PKGS="numpy,pandas,scipy"; pip install ${PKGS//,/ }
V=3.11.2; pip install "foo-cp${V//./}"
V=1.2.3; pip install torch==${V%.*}
F=proj/requirements.txt; cd "${F%/*}" && pip install -r "${F##*/}"
P=NumPy; pip install ${P,,}
P=numpy; pip install ${P^}
P=numpy; pip install ${P: -2} ${P:1} ${P:0:-1}
P=numpy; pip install ${P@Q} ${P@U}
V=P; P=numpy; pip install ${!V}
P_A=1 P_B=2; pip install ${!P_*}
declare -n REF=PKG; PKG=numpy; REF=pandas; pip install $PKG
declare -n REF=PKG; REF=pandas; unset -n REF; pip install "$PKG" x$REF
f() { local -n out=$1; out=numpy; }; f PKG; pip install $PKG
f() { local -n p=$1; p=@uv@/bin:$PATH; }; f PATH; pip install numpy
for ((i=1; i<=2; i++)); do pip install pkg$i; done
for ((;;)); do pip install numpy; break; done
for ((i=0; i<0; i++)); do pip install numpy; done; pip list
for ((i=0, j=5; i<j; i+=2, j--)); do pip install p$i-$j; done
for ((i=0;i<3;i++)) { pip install p$i; }
A=(numpy pandas scipy); for p in "${A[@]}"; do pip install "$p"; done
A=(numpy pandas); for i in "${!A[@]}"; do pip install ${A[$i]}; done
A=(a b c); pip install "${A[@]:1}" ${A[-1]}
A=(a b c); pip install x${#A[@]}
A=(a b); unset 'A[0]'; pip install "${A[@]}"
A=([2]=c [0]=a); pip install "${A[@]}"
A=("${A[@]}" numpy); pip install "${A[@]}"
A=(numpy pandas); pip install "${A[*]}"
IFS=,; A=(a b); pip install "${A[*]}"
A=(a b); A[1]=c; pip install "${A[@]}"
A=(numpy==1 pandas==2); pip install "${A[@]%%=*}"
A=(numpy pandas); pip install "${A[@]/#/x}"
declare -A M=([cpu]=numpy [gpu]=cupy); pip install ${M[gpu]}
A=(); pip install "${A[@]}" numpy
A=(-q -U); pip install "${A[@]}" numpy
CMD=(python -m pip); "${CMD[@]}" install numpy
CMD=(env -u FOO pip install); "${CMD[@]}" numpy
bash -s -- numpy <<< 'pip install "$1"'
while IFS= read -r p; do pip install "$p"; done < requirements.txt
while read -r p; do pip install "$p"; done <<< numpy
source /dev/stdin <<< 'PATH=@uv@/bin:$PATH'; pip install numpy
source <(echo 'pip install numpy')
source <(echo PATH=@uv@/bin:$PATH); pip install numpy
read -r A B <<< "numpy pandas"; pip install $B
read -ra A <<< "numpy pandas"; pip install "${A[@]}"
IFS=, read -ra A <<< "numpy,pandas"; pip install "${A[@]}"
pip install $(cat <<< numpy)
pip install $(< one.txt)
pip install -r <(echo numpy)
pip install -r <(grep -v '^#' requirements.txt)
pip install -r /dev/stdin <<< numpy
tee log < <(pip list)
pip install numpy > >(tee log) 2> >(tee err >&2)
pip install numpy 2> >(grep -v WARNING)
if ! command -v uv &> /dev/null; then pip install uv; fi; uv pip install numpy
command -V pip >/dev/null 2>&1 || pip3 install numpy
command builtin command pip install numpy
builtin source ./setup-path.sh; pip install numpy
builtin cd proj && pip install -e .
builtin . ./setup.sh
exec -a pip3 pip install numpy
exec -a uv sh -c 'pip install numpy'
(exec pip install numpy); pip list
exec pip install numpy || pip list
command exec > log; pip install numpy
env -S 'PATH=@uv@/bin:@tools@ pip install' numpy
env -S 'A=${HOME} pip install ${A}' x
env -S'pip install' -q numpy
env -S 'pip install "a b" c\ d'
env -u PIP_TARGET -u PYTHONPATH pip install numpy
env --unset=PATH pip install numpy
env --ignore-environment PATH="$PATH" pip install numpy
env - PATH=@uv@/bin pip install numpy
env -i "PATH=$PATH" HOME=$HOME bash -c 'pip install numpy'
env --chdir=proj pip install -e .
env -- A=1 pip install numpy
env pip=1 pip install numpy
env A=1 -u A pip install numpy
env --help; pip install numpy
env --help pip install numpy
cut -d= -f1 requirements.txt | xargs pip install -U
grep -v '^#' requirements.txt | xargs -L 1 pip install
< requirements.txt xargs pip install
printf '%s\0' numpy | xargs -0 pip install
xargs -r pip list </dev/null
xargs pip list </dev/null
seq 2 | xargs -I % pip install pkg%
echo numpy | xargs -I{} -P 2 sh -c 'pip install {} || exit 255'
echo numpy | xargs env A=1 pip install
echo numpy | xargs -d '\n' pip install
ls wheels/*.whl | xargs pip install --no-index
find wheels -name '*.whl' -exec pip install {} +
find . -name "*.whl" -print0 | xargs -0 pip install
find . -maxdepth 1 -name missing -o -name one.txt -exec pip install -r {} \;
find wheels -type f -name 'demo*' -exec sh -c 'pip install "$1"' _ {} \;
pip install $(find wheels -name 'demo*.whl')
timeout 300s pip install numpy || pip install pandas
timeout 1h -k pip install numpy
nohup bash -c "pip install numpy && pip install pandas" &
sudo -E env PATH=$PATH pip install numpy
sudo PATH=@quick@/bin:$PATH pip install numpy
echo pw | sudo -S pip install numpy
( flock 9; pip install numpy ) 9> lock
exec 9> lock; flock 9; pip install numpy
flock -x lock -c "pip install numpy && pip list"
script -qec "pip install numpy" log
yes y | pip uninstall numpy
time (pip install numpy; pip list)
! time pip install numpy
ionice -c3 nice -n19 pip install numpy
stdbuf -o0 pip install numpy | tee log
unbuffer pip install numpy
strace -f pip install numpy
coproc P { pip install numpy; }; wait $P_PID
coproc pip install numpy; cat <&"${COPROC[0]}"
trap 'echo fail; exit 1' ERR; false; pip install numpy
trap 'pip list' EXIT; set -e; false; pip install numpy
trap 'pip install numpy' USR1; kill -USR1 $$
trap -- 'pip list' EXIT; pip install numpy
trap 'pip list' EXIT INT TERM; pip install numpy
trap "" EXIT; pip install numpy
f() { pip list; }; trap f EXIT; pip install numpy
trap 'pip list' EXIT; (pip install numpy)
bash -c "trap 'pip list' EXIT; pip install numpy"
trap 'PATH=@uv@/bin:$PATH' DEBUG; pip install numpy
trap 'pip list' RETURN; f() { :; }; f
trap 'pip list' SIGEXIT; pip install numpy
trap 'pip list' exit; pip install numpy
trap 'pip list' EXIT NOSUCH; pip install numpy
set -euo pipefail; pip install numpy | tee log; pip list
set -o pipefail; false | cat || pip install numpy
set -e -o pipefail; false | true; pip install numpy
set -eu; f() { local x=$(false); pip install numpy; }; f
set -e; x=$(false) || true; pip install numpy
set -e; ((0)); pip install numpy
set -e; i=0; ((i++)); pip install numpy
set -e; i=0; ((++i)); pip install numpy
set -e; [[ a == b ]]; pip install numpy
set -e; test -f missing && pip list; pip install numpy
set -e; (set +e; false; pip list); pip install numpy
set -e; echo $(false; pip list); pip install numpy
set -e; X=$(false; pip list); pip install numpy
shopt -s inherit_errexit; set -e; X=$(false; pip list); pip install numpy
set -e; f() { set +e; false; }; f; pip install numpy
set -e; false & wait $!; pip install numpy
set -e; false & wait; pip install numpy
set -e; for i in 1 2; do false; done; pip install numpy
set -u; pip install ${A[@]} numpy
set -u; pip install ${A[0]} numpy
set -u; pip install "${PKG:?}"
set -C; echo > one.txt || pip install numpy
set -o noclobber; pip install numpy > one.txt; pip list
set -k; pip install A=1 numpy
set -o posix; PATH=@uv@/bin:$PATH :; pip install numpy
set -o posix; . ./missing.sh; pip install numpy
set -t; pip list; pip install numpy
set numpy pandas; pip install "$@"
set -- numpy; pip install $1; shift; pip install x$1
set -e numpy; pip install $1
set +B; pip install a{1,2}
set -- *.txt; pip install -r $1
IFS=:; for d in $PATH; do :; done; pip install numpy
IFS=-; P=a-b; pip install $P "$P" a-b
IFS=; P="a b"; pip install $P
OLDIFS=$IFS; IFS=,; IFS=$OLDIFS; P="a b"; pip install $P
IFS=' ,'; P='a, b'; pip install $P
IFS=,; P=a,,b; pip install $P
IFS=,; P=,a,; pip install $P
case "$(uname)" in Linux) pip install numpy;; Darwin) pip install pandas;; esac
case $(uname -m) in x86_64) pip install a;; *) pip install b;; esac
case a in a) ;& b) pip install b;& c) pip install c;; d) pip install d;; esac
case ab in a*) pip install 1;;& *b) pip install 2;;& c) pip install 3;; esac
case x in [!a-m]) pip install numpy;; esac
shopt -s nocasematch; case X in x) pip install numpy;; esac
case $UNSET in '') pip install numpy;; esac
case "*" in \*) pip install numpy;; esac
P='*'; case x in $P) pip install a;; esac
P='*'; case x in "$P") pip install a;; *) pip list;; esac
shopt -s extglob; case foo in @(foo|bar)) pip install numpy;; esac
[[ foo == @(foo|bar) ]] && pip install numpy
[[ numpy =~ ^num ]] && pip install ${BASH_REMATCH[0]}
[[ $OSTYPE == linux* ]] && pip install numpy
[ "$(uname)" = Linux ] && pip install numpy
[[ -z $VIRTUAL_ENV ]] && pip install numpy
[[ -v PATH ]] && pip install numpy
[[ 3 > 20 ]] && pip install numpy
[ 3 \> 20 ] && pip install numpy
[ -z "$X" -a -d proj ] && pip install numpy
[[ -n $X || -n $HOME ]] && pip install numpy
[ -x env/bin/pip ] && env/bin/pip install numpy
[[ -e env && ! -e nothing ]] && env/bin/pip install numpy
P=a; [[ $P == "a*" ]] || pip install numpy
[ ! -d newenv ] && python -m venv newenv; newenv/bin/pip install numpy
test -d env || python -m venv env; env/bin/pip install numpy
select p in numpy pandas; do pip install $p; break; done <<< 1
select p in a; do pip install $p; done </dev/null; pip list
pip install pkg{1..3} {a..c} {01..03} {1..10..4}
pip install "{a,b}" {a} {a,} x{,y} {1..3
pip install a{b,c{d,e}}f {a,b}{1,2}
P=2; pip install {1..$P}
pip{,3} install numpy
{pip,list}
for p in {numpy,pandas}; do pip install $p; done
P={a,b}; pip install $P
A=({a,b}); pip install ${A[@]}
pip install {"a,b",c} {a\,b,c} {a,'b c'}
pip install {$HOME,x} {~,x}
pip install ~+/proj
cd proj; pip install ~-
P=~/x; pip install $P
P="~/x"; pip install $P
pip install --target=~/x numpy
pip install x=~/y
PATH=~/myenv/bin:$PATH; pip install numpy
PATH="~/myenv/bin:$PATH"; pip install numpy
export "PATH=~/myenv/bin:$PATH"; pip install numpy
env PATH=~/myenv/bin:$PATH pip install numpy
PATH="~/myenv/bin:$PATH" env pip install numpy
"~/myenv/bin/pip" install numpy
P=pip; ~/myenv/bin/$P install numpy
pip install wheels/[do]*.whl "wheels/"*.whl
shopt -s nullglob; pip install nothing* numpy
shopt -s failglob; pip install nothing*; pip list
shopt -s globstar; pip install **/*.whl
W=wheels/*.whl; pip install $W
W="wheels/*.whl"; pip install "$W"
for w in wheels/*.whl; do pip install "$w"; done
for w in nothing/*.whl; do pip install "$w"; done
for w in wheels/*.whl; do [ -e "$w" ] || continue; pip install $w; done
GLOBIGNORE='*demo*'; pip install wheels/*
e?v/bin/pip install numpy
.ven?/bin/pip install numpy
A=(wheels/*.whl); pip install "${A[0]}"
touch x.whl; pip install *.whl
cp wheels/demo*.whl .; pip install *.whl
rm one.txt; pip install -r *.txt
cd wheels; pip install *.whl
echo > new.txt; pip install *.txt
CDPATH=proj; cd src && pip install -e .
CDPATH=proj cd src; pip list
cd proj/src/..; pip list
cd linked-proj/..; pip list
cd -P linked-proj/..; pip list
cd proj extra; pip list
cd ""; pip list
cd $UNSET; pip list
cd 'dir with space'; pip list
cd missing || exit 1; pip install numpy
OLDPWD=$PWD/proj; cd -; pip list
HOME=$PWD/proj; cd; pip list
HOME=; cd; pip list
mkdir -p a/b && cd $_ && pip list
cd proj; pip install -e $OLDPWD
PWD=/x; pip install numpy; cd proj; pip list
shopt -s autocd; proj; pip list
mv proj p2; cd p2 && pip list
ln -s proj p3; cd p3; pip list
rm -rf proj; cd proj; pip list
mkdir x; cd x; rmdir ../x; pip list
git clone https://example.org/a/repo.git && cd repo && pip install -e .
PATH=@uv@/bin; export PATH; @tools@/bash -c 'pip install numpy'
cd env/bin; PATH=:$PATH; pip install numpy
PATH=env/bin:$PATH; pip install numpy
PATH=env/bin:$PATH; cd proj; pip install numpy
export PATH=`pwd`/env/bin:$PATH; pip install numpy
export PATH=$(realpath env)/bin:$PATH; pip install numpy
export VIRTUAL_ENV=$PWD/env PATH=$PWD/env/bin:$PATH; pip install numpy
PATH=${PATH/quick/uv}; pip install numpy
PATH=$(echo $PATH | sed 's/quick/uv/'); pip install numpy
p=$PATH; PATH=@uv@/bin; PATH=$p; pip install numpy
while read l; do PATH=@uv@/bin:$PATH; done < one.txt; pip install numpy
! PATH=@uv@/bin:$PATH; pip install numpy
time PATH=@uv@/bin:$PATH; pip install numpy
PATH=@uv@/bin:$PATH > log; pip install numpy
PATH=@uv@/bin:$PATH < missing; pip install numpy
export -- PATH=@uv@/bin:$PATH; pip install numpy
PATH=(@uv@/bin); pip install numpy
BASH_ENV=./setup-path.sh bash -c 'pip install numpy'
export BASH_ENV=./setup.sh; bash -c 'pip list'
ENV=./setup.sh sh -c 'pip list'
BASH_ENV=./setup-path.sh ./setup.sh
bash -lc 'pip install numpy'
source missing.sh; pip install numpy
. missing.sh || pip install numpy
source env/bin/activate; (deactivate; pip list); pip install numpy
eval $(cat command.txt)
eval "$(<command.txt)"
bash command.txt
bash -c "$(cat command.txt)"
. ./command.txt
eval 'for i in a b; do pip install $i; done'
eval pip install '"a b"'
curl -sSL https://example.org/get.sh | bash; pip list
bash <(curl -s https://example.org/x.sh); pip list
echo 'pip install numpy' > run.sh; bash run.sh
echo 'PATH=@uv@/bin:$PATH' > v.sh; . ./v.sh; pip install numpy
echo 'pip list' >> setup.sh; ./setup.sh
cp setup.sh x.sh; ./x.sh
chmod +x setup.sh && ./setup.sh
sed -i s/pip/pip3/ setup.sh; ./setup.sh
printf '#!/bin/sh\npip install numpy\n' > r; chmod +x r; ./r
ln -s setup.sh y.sh; sh y.sh
echo > setup.sh; ./setup.sh; pip list
echo 'import os' > pip.py; python -m pip list
mkdir pip; python -m pip list
touch pip.py; pip list
cp env/bin/pip mypip; ./mypip install numpy
ln -s env/bin/pip p; ./p install numpy
rm env; env/bin/pip install numpy
mv env env2; env2/bin/pip install numpy
ln -sfn @uv@ env; env/bin/pip install numpy
export PYTHONPATH=shadow; python -m pip install numpy
PYTHONPATH=shadow pip install numpy
cd shadow; python -m pip list
cd shadow; python -P -m pip list
cd shadow; PYTHONSAFEPATH=1 python -m pip list
cd shadow; pip list
install() { pip install "$@" || return 1; }; install numpy
f() { pip install "$1"; shift; pip install "$@"; }; f a b c
f() { pip install ${1:-numpy}; }; f; f pandas
f() { echo numpy; }; pip install $(f)
f() ( cd proj; pip list ); f; pip list
f() { unset -f f; pip list; }; f; f
f() { g() { pip list; }; }; f; g
f() for i in a b; do pip install $i; done; f
f() if true; then pip list; fi; f
function f { local PKG=$1; pip install $PKG; }; PKG=x; f numpy; pip install $PKG
f() { return $1; }; f 0 && pip install numpy; f 1 || pip list
f() { [ "$1" = a ]; }; f a && pip install numpy
f() { set -- x y; }; set -- a; f; pip install $1
f() { pip install "$#" "$@"; }; f a b
f() { pip install $FUNCNAME; }; f
f() { [ $1 -gt 0 ] && { pip install p$1; f $(( $1 - 1 )); }; }; f 2
f() { f; }; pip install numpy
f() { pip list; }; readonly -f f; f() { :; }; f
uv() { :; }; uv pip install numpy
sudo() { "$@"; }; sudo pip install numpy
command() { echo; }; command pip install numpy
source() { :; }; source env/bin/activate; pip install numpy
env() { :; }; env pip install numpy
python() { python3 "$@"; }; python -m pip install numpy
[() { return 1; }; [ a = a ] && pip install numpy
f() { pip list; }; f() { :; }; f; pip install numpy
shopt -s expand_aliases; alias p='pip install'; p numpy
hash -p @uv@/bin/pip pip; PATH=$PATH; pip install numpy
hash -p @uv@/bin/pip pip; (pip install numpy)
hash -p @uv@/bin/pip pip; env pip install numpy
hash -p @uv@/bin/pip pip; bash -c 'pip install numpy'
hash -p @uv@/bin/pip pip; command pip install numpy
hash -p @uv@/bin/pip pip; exec pip install numpy
hash -p @uv@/bin/pip pip; hash pip; pip install numpy
hash -p @uv@/bin/pip pip; type pip; pip install numpy
hash -p @uv@/bin/pip pip; set +h; pip install numpy
hash -p @uv@/bin/pip pip; PATH=$PATH true; pip install numpy
hash -p @uv@/bin/pip pip; X=$(pip list)
BASH_CMDS[pip]=@uv@/bin/pip; pip install numpy
enable -n cd; cd proj; pip list
enable -n test; test 1 -eq 1 && pip install numpy
enable -n eval; eval pip list
enable -n command; command pip install numpy
enable -n source .; source ./setup-path.sh; pip install numpy
pip install 'numpy
if true; then pip install numpy
for i in a b; pip install $i; done
f() pip list; f
pip install numpy(x)
! ! pip list
!pip list
pip install ${A B}; pip list
echo ${A B}; pip list
for 1x in a; do pip list; done; pip list
[[ a b ]]; pip list
((1 +)); pip list
x=$((1/0)); pip list
echo $((1/0)) || pip list
echo $((08)); pip list
unset A-B; pip list
export 1=2; pip list
A-B=1 pip list
1=2 pip list
declare -Z x; pip list
time; pip list
then pip list
in pip list
pip install numpy # comment ' unclosed
pip list &; pip install numpy
for i; do pip install $i; done; pip list
python -c 'from pip._internal import main; main(["install","numpy"])'
python proj; pip list
python -m pip --python .venv/bin/python install numpy
python3 -m pip --python env install numpy
pip --python=@uv@/bin/python install numpy
pip install numpy --python env
python -m pip --isolated install numpy
python -m pip help install
pip install --help numpy
pip install --version
pip -V install numpy
pip download numpy
pip -q
pip99 install numpy
pip install -tlibs numpy
pip install numpy -- --dry-run
PIP_REQUIRE_VIRTUALENV=1 pip install numpy
PIP_TARGET=x pip install numpy
PIP_PYTHON=env pip install numpy
PIP_DRY_RUN=1 pip install numpy
pip install --dry numpy
pip --he install numpy
uv pip install -p env/bin/python numpy
uv add --dev pytest
uv run --with numpy python -c pass
uvx --from pip pip list
UV_PYTHON=env uv pip install numpy
UV_PROJECT_ENVIRONMENT=x uv sync
uv help pip
uv --directory proj pip install .
uv --project proj sync
uv init demo && cd demo && uv add numpy
uvx --help
uv tool upgrade --all
uv pip -q install numpy
conda run -n work pip install numpy && pip list
conda install -p $PWD/env numpy
CONDA_PREFIX=$PWD/env conda install numpy
pipenv install numpy; pip list
pipx run black --version
echo 'pip install numpy' > setup.sh && bash setup.sh
echo 'import os; os.system("pip install numpy")' > script.py; python script.py
echo 'import os; os.system("pip install numpy")' > gen.py; python gen.py
cp install.py script.py; python script.py
cp install.py gen.py; python gen.py
cp install.py gen.py; python ./gen.py
mv install.py gen.py && python gen.py
cat command.txt > x.sh; chmod +x x.sh; ./x.sh
cat command.txt | tee x.sh; bash x.sh
tee setup.sh < command.txt; sh setup.sh
head -1 command.txt > x; . ./x
echo 'PATH=@uv@/bin:$PATH' | tee v.sh; . ./v.sh; pip install numpy
echo 'all: ; pip install numpy' > Makefile; make
sed -n p command.txt > script.py; python script.py
exec > setup.sh; echo pip list; ./setup.sh
{ echo pip list; } > setup.sh; ./setup.sh
(echo pip list) > setup.sh; ./setup.sh
for i in 1; do echo pip list; done > setup.sh; ./setup.sh
f() { echo pip list; }; f > setup.sh; ./setup.sh
printf 'pip list' 1> setup.sh; ./setup.sh
: > setup.sh; ./setup.sh; pip list
true &> setup.sh; ./setup.sh; pip list
cd proj; echo 'pip list' > ../setup.sh; cd ..; ./setup.sh
echo 'pip list' > "$PWD/setup.sh"; ./setup.sh
S=setup.sh; echo 'pip list' > $S; ./$S
S=setup.sh; echo 'pip check' > $S; bash $S
rm -f setup.sh; ./setup.sh; pip list
mv .venv env2; .venv/bin/pip install numpy; pip list
unlink env; env/bin/python -m pip list; pip check
ln -sfn @uv@ env && source env/bin/activate && pip install numpy
rm env; ln -s @uv@ env; env/bin/pip install numpy
rm env; python -m venv env; env/bin/pip install numpy
rmdir proj/src; cd proj/src; pip list
f() { rm env; }; f; env/bin/pip list; pip check
sh -c 'rm env'; env/bin/pip list; pip check
git checkout main; env/bin/pip list
trap 'pip list' EXIT; PATH=@uv@/bin:$PATH
trap 'pip list' EXIT; PATH=@uv@/bin:$PATH; exit 3
trap 'pip list' EXIT; cd proj; false
trap 'pip list' EXIT; PATH=@uv@/bin:$PATH; exit; PATH=/x
trap 'pip $X' EXIT; X=list; [ -d proj ] && exit; X=check
f() { PATH=@uv@/bin:$PATH; exit; }; trap 'pip list' EXIT; f
(trap 'pip list' EXIT; PATH=@uv@/bin:$PATH); pip install numpy
(trap 'pip list' EXIT; cd proj)
set -e; trap 'pip list' EXIT; PATH=@uv@/bin:$PATH; false; PATH=/x
set -u; trap 'pip list' EXIT; PATH=@uv@/bin:$PATH; echo $NO
trap 'pip list; exit 3' EXIT; pip check
trap 'pip list' EXIT; trap 'pip check' EXIT
trap 'pip list' EXIT; trap '' EXIT; pip check
trap 'pip list' EXIT; exec pip check
x=$(trap 'pip list' EXIT; true); pip install $x
IFS=x; P=axb; pip install $P
IFS=; A="a b"; set -- $A; pip install $#
IFS=' '; P=$'a\tb'; pip install $P
P=$'a\rb'; pip install $P
IFS=/; P=a/b; pip install "$P" $P
IFS=; pip install $(echo a b)
IFS=:; bash -c 'P="a b"; pip install $P'
export IFS=:; bash -c 'P="a b:c"; pip install $P'
export IFS=; bash -c 'pip install $0' 'a b'
O=$IFS; IFS=,; P=a; pip install $P; IFS=$O; P="a b"; pip install $P
f() { local IFS=,; g; }; g() { P="a b"; pip install $P; }; f; pip install $P
set -f; IFS=; P="*.txt"; pip install $P
IFS=,; P="a b"; set -- x y; pip install $P $*
IFS=,; set -- x y; pip install "$*" $@
pip install x=~ y=a:~ -z=~
pip install PATH=~/a:~/b
pip install "x"=~/y x"="~/y
pip install x=$HOME:~/y
P=1; pip install x=~/$P "q"
export X=~/y; pip install $X
echo x=~/y | xargs pip install
env -u A B=1 C=2 pip install numpy
env - A=1 pip list
env -i -- PATH="$PATH" pip list
env -S 'A=1 -u B' pip list
env A=1 -- pip list
env A=1 - pip list
env -C proj -- env -C .. pip list
nohup env A=1 -i pip list
hash -p @uv@/bin/pip pip; nohup pip list
hash -p @uv@/bin/pip pip; time pip list
hash -p @uv@/bin/pip pip; builtin command pip list
hash -p @uv@/bin/pip pip; ! pip list
hash -p @uv@/bin/pip pip; pip3 list
hash -p @uv@/bin/pip pip; sudo pip list
hash -p @uv@/bin/pip pip; "pip" list; \pip check
hash -p @uv@/bin/pip pip; f() { pip list; }; f
hash -p @uv@/bin/pip pip; hash -d pip; pip list
hash -p @uv@/bin/pip pip; exec -a x pip list
set +h; hash -p @uv@/bin/pip pip; pip list
shopt -s nocasematch; [[ X == x ]] && pip list
shopt -s lastpipe; echo numpy | read P; pip install x$P
shopt -s lastpipe; true | PATH=@uv@/bin; pip list
shopt -u expand_aliases; pip list
shopt -s xpg_echo; eval "$(echo 'pip\x20list')"
shopt -s sourcepath; . ./setup-path.sh; pip list
shopt -u sourcepath; . setup-path.sh; pip list
shopt -s compat31; pip list
shopt -q nullglob || pip list
shopt -p; pip list
shopt -s localvar_inherit; f() { local PATH; pip list; }; f
shopt -s assoc_expand_once; pip list
shopt -s patsub_replacement; pip list
shopt -s promptvars checkwinsize; pip list
PATH=(a b); env pip list
A=(@uv@/bin); PATH=$A:$PATH; pip list
HOME=(x); cd; pip list
A=([0]=a b [3]=c); pip install "${A[@]}"
declare -a A=([1]=b); pip install "${A[@]}"
A=(a b); A+=(); pip install "${A[@]}"
A=(a); A+=(b c); pip install "${A[@]}"
A=x; A=(a b); pip install $A "${A[@]}"
A=(a b); A=z; pip install "${A[@]}"
A=(a b); A+=z; pip install "${A[@]}"
export A=(a b); bash -c 'pip install x$A'
export A; A=(a b); bash -c 'pip install x$A'
readonly -a A=(a b); pip install "${A[@]}"
readonly -f nothing; pip list
f() { pip list; }; declare -fr f; f() { :; }; f
f() { pip list; }; declare -F f && f
. /dev/null; pip list
source /dev/fd/0 <<< 'pip list'
bash /dev/stdin <<< 'pip list'
bash /dev/fd/0 < pip.txt
python /dev/stdin <<< 'import os; os.system("pip list")'
python /dev/stdin < install.py
cat pip.txt | . /dev/stdin
cat pip.txt | bash /dev/stdin
mkfifo p; cat pip.txt > p & . ./p
bash < /dev/stdin; pip list
for pip in list check; do pip $pip; done
for P.x in a; do pip list; done; pip check
for é in a; do pip list; done; pip check
a.b=1 pip list
é=1 pip list
A[0]=x pip list
A[0]+=x; pip list
export é=1; pip list
time X=1 pip list
time ! pip list
time -p; pip list
time time pip list
time cd proj; pip list
time f() { :; }; pip list
"""

BASH_CELLS = r"""
cat > reqs.txt <<EOF
numpy
EOF
pip install -r reqs.txt

bash <<'EOF'
P=numpy
pip install $P
EOF

P=numpy
bash <<EOF
pip install $P
EOF

P=numpy
bash <<'EOF'
pip install x$P
EOF

python - <<EOF
import os
os.system("pip install numpy")
EOF

sh -s numpy <<'EOF'
pip install "$1"
EOF

xargs pip install <<EOF
numpy
pandas
EOF

while read -r p; do pip install "$p"; done <<EOF
numpy
pandas
EOF

cat <<-EOF | sh
	pip install numpy
	EOF

. /dev/stdin <<EOF
PATH=@uv@/bin:$PATH
EOF
pip install numpy

eval "$(cat <<'EOF'
pip install numpy
EOF
)"

shopt -s expand_aliases
alias p='pip install'
p numpy

shopt -s expand_aliases
alias pip=echo
pip install numpy
\pip list

set -o posix
alias p=pip
p list

alias p=pip
p list; pip list

shopt -s expand_aliases
alias sudo='sudo ' pip=pip3
sudo pip list

shopt -s extglob
case foo in @(foo|bar)) pip install numpy;; esac

pip list
if then
pip install numpy

pip list; pip check
pip install )
pip install numpy

pip list
echo 'unclosed
pip install numpy

cat <<EOF
numpy
pip install numpy

cat <<EOF; pip install numpy
$(pip list)
EOF
pip check

cat <<'EOF'; pip install numpy
$(pip list)
EOF

cat <<A <<B; pip install numpy
pip list
A
pip check
B

if true; then
  pip install numpy
else
  pip install pandas
fi

f() {
  pip install "$@" \
    --quiet
}
f numpy \
  pandas

set -e
cd proj
pip install -e .
cd missing
pip install numpy

pip install \
  numpy \
  # pandas
pip list

pip install numpy \ 
  pandas

pip install numpy && \
pip list &&
pip check

for p in numpy \
  pandas
do
  pip install $p
done

cat > run.sh <<'EOF'
pip install numpy
EOF
bash run.sh

read -r -d '' P <<EOF
numpy
EOF
pip install $P

PKGS=$(cat <<EOF
numpy
pandas
EOF
)
pip install $PKGS

PKGS="
numpy
pandas
"
pip install $PKGS

mapfile -t A <<EOF
numpy
pandas
EOF
pip install "${A[@]}"

exec 3<<EOF
numpy
EOF
read -u 3 P
pip install $P

: <<'COMMENT'
pip install numpy
COMMENT
pip list

set -t
pip list
pip install numpy

pip list
\pip check

ls
\rm -f x
pip list

cd proj
\cd ..
pip list

cat > setup.sh <<EOF
pip check
EOF
./setup.sh

cat <<EOF > setup.sh
pip check
EOF
bash setup.sh

cat > script.py <<'EOF'
import os
os.system("pip install numpy")
EOF
python script.py

cat <<EOF >> requirements.txt
six
EOF
pip install -r requirements.txt

P=a
env P=b bash <<EOF
pip install $P
EOF

P=a bash <<EOF
pip install x$P
EOF

export P=a
P=b bash <<EOF
pip install x$P
EOF

P=a
bash <<< "pip install $P"
bash <<< 'pip install x$P'

P=a; sudo bash <<EOF
pip install $P
EOF

if true; then
  pip list \ 
fi

(pip list \ )

trap 'pip list' EXIT
PATH=@uv@/bin:$PATH
pip check

f() { bash <<EOF
pip install $1
EOF
}
f a
"""

DASH = r"""
P="a b"; export Q=$P; pip install $Q
P="a b"; f() { local Q=$P; pip install "$Q"; }; f
P="a Q=c"; f() { local R=$P; pip install "x$Q$R"; }; f
P="a b"; readonly Q=$P; pip install "$Q"
[[ a == a ]] || pip install numpy
[ a == a ] && pip install numpy
test a == a || pip install numpy
function f { pip list; }; pip install numpy
function f() { pip list; }; f
pip install numpy >& log
pip list |& cat
pip list <<< x
cat <(pip list)
A=(a b); pip list
P=numpy; pip install ${P/num/cu}; pip list
P=numpy; pip install ${P:0:2}; pip list
P=numpy; pip install ${P%py} ${P#n} ${P##*m} ${#P}
P=a/b/c; pip install ${P%/*} ${P%%/*} ${P##*/} ${P#*/}
P=numpy; pip install ${P^^}; pip list
pip install $'a\tb'
pip install {a,b} {1..3}
((1)) && pip install numpy
((1)) || pip install numpy
source ./setup-path.sh; pip install numpy
. setup-path.sh; pip install numpy
(. ./missing.sh); pip install numpy
export -p > log; pip install numpy
set -o pipefail; pip install numpy
set -o pipefail || pip install numpy
command set -o pipefail; pip install numpy
trap 'pip list' ERR; false; pip install numpy
trap 'pip list' EXIT; pip install numpy
trap 'pip list' 0 INT; pip install numpy
trap 'pip list' SIGINT; pip install numpy
trap 'pip list' EXIT; (exit 3); pip install numpy
(trap 'pip list' EXIT; pip install numpy); pip check
echo 'pip\nlist' | xargs pip
echo 'pip list\npip check' | sh
echo -e numpy | xargs pip install
echo -n numpy | xargs pip install
read P <<X; pip install numpy
alias p=pip; p list
alias pip=echo; pip install numpy
alias pip=echo; eval 'pip install numpy'; pip list
cd proj extra; pip list
cd -- proj; pip list
CDPATH=proj; cd src; pip list
CDPATH=proj cd src; pip list
cd proj; cd -; pip list
cd ''; pip list
P=1; pip install $((P+1)) $((P*3)) $((7/2)) $((-7%3))
P=1; pip install $((P++)); pip list
P=1; pip install $((P+=1)) x$P
pip install $((2**3)); pip list
x=$((1/0)); pip list
x=$((1/0)) || pip list
readonly PATH; PATH=x; pip install numpy
readonly P=1; P=2 true; pip install numpy
readonly P=1; P=2 pip list; pip install numpy
readonly P=1; read P < one.txt; pip install numpy
readonly P=1; for P in a b; do pip list; done; pip install numpy
set -- a b; shift 3; pip install numpy
set -- a b; shift; pip install $1 $#
set -- a b; for x; do pip install $x; done
getopts ab: o -b numpy; pip install $OPTARG
printf -v P numpy; pip install x$P
pushd proj; pip list
declare P=numpy; pip install x$P
typeset P=numpy; pip install x$P
pip install ~+/proj
PATH="~/myenv/bin:$PATH"; pip install numpy
PATH=~/myenv/bin:$PATH; pip install numpy
pip install x=~/y
env PATH=~/myenv/bin:$PATH pip install numpy
exec 3< missing; pip install numpy
{ pip list; } < missing; pip install numpy
eval 'pip list' < missing; pip install numpy
f() { pip list; }; f < missing; pip install numpy
. ./setup.sh < missing; pip install numpy
set -e < missing; pip install numpy
(exec 3< missing); pip install numpy
exec > log || pip list; pip install numpy
shift x; pip install numpy
exit abc; pip install numpy
unset 1x; pip install numpy
export 1x=2; pip install numpy
local P=1; pip install x$P
trap '' FOO; pip install numpy
set -q; pip install numpy
set -o foo; pip install numpy
eval ')'; pip install numpy
command eval ')'; pip install numpy
command; pip install numpy
command -v pip uv; pip install numpy
command export PATH=@uv@/bin:$PATH; pip install numpy
command PATH=@uv@/bin:$PATH pip install numpy
PATH=@uv@/bin:$PATH command exec pip install numpy
PATH=@uv@/bin:$PATH break; pip install numpy
PATH=@uv@/bin:$PATH times > log; pip install numpy
PATH=@uv@/bin:$PATH hash -r; pip install numpy
PATH=@uv@/bin:$PATH command eval 'pip list'; pip install numpy
f() { A=1; }; PATH=@uv@/bin:$PATH f; pip install numpy
f() { echo $PATH; }; PATH=@uv@/bin:$PATH command f; pip install numpy
set -e; f() { false; pip list; }; f || pip install numpy
set -e; (false; pip list) || pip install numpy
set -e; X=$(false; pip list); pip install numpy
set -e; echo $(false; pip list); pip install numpy
set -e; ! false; pip install numpy
set -e; . ./setup-vars.sh; false; pip install numpy
set -u; pip install "$@" numpy
set -u; pip install $* $# numpy
set -u; echo $NO; pip install numpy
set -u; (echo $NO); pip install numpy
set -u; pip install ${NO-} numpy
: ${NO?}; pip install numpy
P=${NO:?x} pip list; pip install numpy
pip install "${NO:-a b}" ${NO:-a b} ${NO:+x}
pip install ${PATH:+y} "${NO+z}"
IFS=,; P=a,,b; pip install $P
IFS=,; pip install "$*" x
IFS=,; set -- a b; pip install "$*"
unset IFS; P="a  b"; pip install $P
case a in a) pip install a;& b) pip list;; esac
case a in (a) pip install a;; esac
case ab in [!x]b) pip install a;; esac
case ab in [^x]b) pip install a;; *) pip list;; esac
f() { local P; pip install "x$P"; }; P=a; f
f() { local P=1 Q=2; local; }; f; pip install numpy
f() { export P=1; }; f; sh -c 'pip install $P'
f() pip list; f
f() ( pip list ); f
pip list; }
pip list &; pip install numpy
if pip list; then pip check; fi | cat
! pip list && pip install numpy
! pip list || pip install numpy
! ! pip list
hash nosuch || pip install numpy
type pip && pip install numpy
type nosuch || pip install numpy
umask 022; pip install numpy
ulimit -c 0; pip install numpy
ulimit -z; pip install numpy
wait 99999; pip install numpy
kill -0 $$ && pip install numpy
test -e env && env/bin/pip install numpy
[ -d env -a -e .venv ] && .venv/bin/pip install numpy
[ ! -e nothing ] && pip install numpy
[ "a" = "a" -o ] ; pip install numpy
test 1 -lt x || pip install numpy
[ -n ] && pip install numpy
[ ] || pip install numpy
X=1 sh -c 'pip install $X'
X=1; sh -c 'pip install x$X'
X=1 eval 'pip install $X'; pip install x$X
PATH=@uv@/bin; @tools@/env pip install numpy
ENV=./setup.sh dash -c 'pip list'
dash -i -c 'pip list'
dash -ic 'pip list'
dash -lc 'pip list'
dash -o errexit -c 'false; pip list'
dash -c 'pip install $0 $1' a b
dash -es < setup.sh
dash < pip.txt
. /dev/stdin < pip.txt
pip install $(cat one.txt) "$(cat requirements.txt)"
pip install $(< one.txt) numpy
exit $(pip list)
eval "pip install \"$HOME\""
while read -r p; do pip install "$p"; done < requirements.txt
while [ "$X" != aa ]; do X=a$X; pip install $X; done
until [ "$X" = a ]; do X=a; pip install numpy; done
for i in $(seq 2); do pip install p$i; done
for i in 1 2; do (exit $i) && pip install p$i; done
pip install "a""b"'c'\d
pip install "\$x" "\a" '\a' \\a
pip install "`echo \"a b\"`"
pip install a#b #c
"""

DASH_CELLS = r"""
alias p=pip
p list

alias p='pip install '
alias n=numpy
p n

alias pip=echo
pip install numpy
\pip list
command pip check

pip list
if then
pip install numpy

pip list
)

pip list
echo 'unclosed

sh <<EOF
pip install numpy
EOF

sh <<'EOF'
P=numpy
pip install $P
EOF

cat <<-EOF | sh
	pip install numpy
	EOF

while read p; do pip install $p; done <<EOF
numpy
pandas
EOF

read P <<EOF
numpy
EOF
pip install $P

f() {
  pip install "$@"
}
f a "b c"

set -e
cd missing
pip install numpy

cat <<EOF
$(pip list)
EOF

case a in
  a)
    pip install numpy
    ;;
esac

P="a
b"
pip install $P
pip list "$P"
"""

ZSH = r"""
pip list > a > b
pip install numpy > a | cat
P="a b"; pip install ${=P} $=P
P="a b"; pip install $P ${P}c
P="pip install"; ${=P} numpy
P="pip install"; $P numpy
W='wheels/*.whl'; pip install $W
W='wheels/*.whl'; pip install ${~W} $~W
W=wheels/*.whl; pip install $W
path=(@uv@/bin $path[2,-1]); pip install numpy
path[1,0]=@uv@/bin; pip install numpy
path=(${path:#*quick*}); pip install numpy
typeset -gU path=(@uv@/bin $path); pip install numpy
(path=(@uv@/bin $path)); pip install numpy
f() { local path; path=(@uv@/bin); pip list; }; f; pip install numpy
f() { local path=(@uv@/bin); }; f; pip install numpy
f() { typeset -g PATH=@uv@/bin:$PATH; }; f; pip install numpy
A=(a b); pip install $A
A=(a b); pip install $A[2] ${A[1]} $A[-1]
A=(a b); pip install "$A" "${A[@]}" $#A ${#A}
A=(a '' b); pip install $A "$A[@]"
A=(a b); pip install x$A x$^A x${^A}
A=(a b c); pip install ${A[2,-1]} ${A:1}
A=(a b); pip install ${(j:,:)A}
P=a,b; pip install ${(s:,:)P}
P=numpy; pip install ${P:u} ${(U)P}
P=a/b.c; pip install ${P:h} ${P:t} ${P:r} ${P:e} ${P:t:r}
V=P; P=numpy; pip install ${(P)V}
P=numpy; pip install ${P//n/m} ${P%py} ${P:0:2} ${#P} ${+P}
pip install ${P::=numpy} $P
(( $+commands[pip] )) && pip install numpy
[[ -n $commands[pip] ]] && pip install numpy
commands[pip]=@uv@/bin/pip; pip install numpy
functions[pip]='echo $@'; pip install numpy
aliases[pip]=echo; eval 'pip install numpy'
alias pip=echo; eval 'pip install numpy'
alias -g N=numpy; eval 'pip install N'
noglob pip install foo[bar] numpy==1.*
pip install foo[bar]; pip list
pip install 'foo[bar]' "foo[bar]" foo\[bar\]
pip install numpy==1.* ; pip list
pip install numpy==1.* || pip list
echo nothing*; pip install numpy
(pip install nothing*); pip install numpy
pip install git+https://example.org/y#egg=z
pip install numpy # a comment
pip install numpy^2
setopt extendedglob; pip install numpy^2
setopt extendedglob; pip install git+https://example.org/y#egg=z; pip list
for x in a b; pip install $x
for x (a b) { pip install $x }
for x in a b { pip install $x }
repeat 2 { pip list }
repeat 2; do pip list; done
if [[ -n a ]] { pip list }
if (true) pip list
if true; then pip list } 
while false { pip list }; pip check
case a { a) pip list ;; }
() { pip install $1 } numpy
function { pip list }
function f g { pip list }; g
f g() { pip list }; f
f() pip list; f
{ pip list } always { pip check }
{ false } always { pip check }; pip list
pip list &|
pip list &!
pip list &; pip check
pip list |& cat
pip list >! log
pip list >&! log
pip list &>> log
> new; pip list
< one.txt; pip list
pip install $(<one.txt)
pip install "$(<requirements.txt)"
pip install -r =(echo numpy)
pip install -r <(echo numpy)
pip install {a,b} {1..3} {a..c} {a} x{}
setopt braceccl; pip install {ab}
setopt ksharrays; A=(a b); pip install $A ${A[1]}
setopt nullglob; pip install no* numpy
unsetopt nomatch; pip install no*
setopt no_bare_glob_qual; pip install wheels/*(N)
pip install wheels/*(N) no*(N)
pip install wheels/demo*(.)
pip install **/demo*.whl
pip install wheels/(demo|other)*.whl
pip install wheels/*.whl~*demo*
setopt errexit; false; pip install numpy
set -e; f() { false; pip list }; f || pip install numpy
setopt pipefail; false | true && pip install numpy
setopt err_return; f() { false; pip list }; f; pip install numpy
f() { setopt localoptions errreturn; false; pip list }; f; pip install numpy
set -o shwordsplit; P="a b"; pip install $P
set -y; P="a b"; pip install $P
setopt sh_word_split; P="a b"; pip install $P
setopt SHWORDSPLIT noshwordsplit; P="a b"; pip install $P
emulate bash; P="a b"; pip install $P
f() { emulate -L sh; P="a b"; pip install $P }; f; pip install $P
TRAPEXIT() { pip list }; pip install numpy
TRAPZERR() { pip list }; false
TRAPDEBUG() { pip list }; true
f() { trap 'pip list' EXIT; pip check }; f; pip install numpy
trap 'pip list' EXIT; f() { pip check }; f
trap 'pip list' ZERR; false; pip install numpy
chpwd() { pip list }; cd proj
chpwd_functions=(f); f() { pip list }; cd proj
zshexit() { pip list }; pip install numpy
precmd() { pip list }; pip install numpy
builtin cd proj; pip list
command -p pip list
command pip list; exec pip check
exec -a x pip list
exec -c @quick@/bin/pip list
coproc pip list
read -A A <<< "a b"; pip install $A
echo numpy | read P; pip install $P
typeset -A M=(cpu numpy gpu cupy); pip install $M[gpu]
typeset -A M; M[a]=b; pip install ${M[a]}
integer N=4; pip install x$N
float N=1.5; pip install x$N
typeset -u P=abc; pip install $P
typeset -Z 3 N=7; pip install x$N
. setup-path.sh; pip install numpy
. ./missing; pip install numpy
source ./missing || pip install numpy
setopt path_dirs; . setup-path.sh; pip install numpy
cd proj src; pip list
cd -q proj; pip list
cd +1; pip list
setopt autocd; proj; pip list
cdpath=(proj); cd src; pip list
setopt cdablevars; D=$PWD/proj; cd D; pip list
hash -d p=$PWD/proj; cd ~p; pip list
pushd proj; popd; pip list
setopt chaselinks; cd linked-proj/..; pip list
argv=(a b); pip install $1
set -A A a b; pip install $A
A=(a b c); A[2]=(); pip install $A
A=(a); A+=b; A+=(c d); pip install $A
A=(a b); A=($A c); pip install $A
A=(a b); unset A; pip install x$A
(( i = 5 )); pip install x$i
for (( i=1; i<3; i++ )) pip install x$i
for i in {1..2}; do pip install p$i; done
for a b in 1 2 3 4; do pip install $a$b; done
for k v (a 1 b 2) pip install $k$v
select p in numpy; do pip install $p; break; done <<< 1
disable -r time; time pip list
disable -f pip; pip list
pip install a=b =; pip list
pip install "$NO" $NO ''
pip install $'a\tb' $'\x41'
P='a b'; pip install ${(q)P} ${(qq)P}
pip list; }
pip list )
[[ a == a* ]] && pip install numpy
[[ a = "a*" ]] || pip install numpy
[[ ab =~ ^a ]] && pip install $MATCH
[ a == a ] && pip install numpy
[ a = =a ]; pip list
[[ -o nomatch ]] && pip list
PATH=@uv@/bin:$PATH; rehash; pip install numpy
hash pip=@uv@/bin/pip; PATH=$PATH; pip install numpy
hash pip=@uv@/bin/pip; rehash; pip install numpy
hash pip=@uv@/bin/pip; (pip install numpy)
hash pip=@uv@/bin/pip; command pip install numpy
hash -f; pip install numpy
unhash -f pip; pip install numpy
whence pip && pip install numpy
where pip; pip install numpy
which -a pip; pip install numpy
zmodload zsh/zutil; pip install numpy
autoload -U add-zsh-hook; pip install numpy
bindkey -e; pip install numpy
setopt nosuchoption; pip install numpy
set -o nosuchoption; pip install numpy
limit; pip install numpy
vared P < /dev/null; pip install numpy
print -l a b; pip install numpy
print numpy | xargs pip install
echo 'a\nb' | xargs pip install
eval 'pip install' numpy
eval "for x (a b) pip install \$x"
P=a; case $P in a|b) pip install 1;| a) pip install 2;; esac
P=a; case $P in (a) pip install 1;& b) pip install 2;; esac
pip install ${NO:-a b} "${NO:-a b}"
pip install $(echo a b) "$(echo a b)"
pip install `echo a b`
PATH=~/myenv/bin:$PATH; pip install numpy
PATH="~/myenv/bin:$PATH"; pip install numpy
pip install --target=~/x numpy x=~/y
setopt magic_equal_subst; pip install x=~/y
pip install ~+/proj ~-/x
pip install ~nosuchuser/x; pip list
zsh -c 'pip install $1' x numpy
zsh -ec 'false; pip list'
zsh -o shwordsplit -c 'P="a b"; pip install $P'
zsh -yc 'P="a b"; pip install $P'
zsh --emulate sh -c 'P="a b"; pip install $P'
zsh -lc 'pip install numpy'
zsh -ic 'pip install numpy'
zsh -s numpy <<< 'pip install $1'
bash -c 'P="a b"; pip install $P'
sh -c 'P="a b"; pip install $P'
f() { pip list }; PATH=@uv@/bin:$PATH f; pip install numpy
export PATH=(@uv@/bin $path); pip install numpy
readonly P=1; P=2; pip install numpy
(readonly P=1; P=2; pip list); pip install numpy
: ${NO:?x}; pip install numpy
set -u; echo $NO; pip install numpy
set -u; echo ${NO[1]}; pip install numpy
x=$((1/0)); pip install numpy
echo $((2**3)) $((5.0/2)); pip install $((2**3))
pip install $(( 16#ff )) $[1+2] x$((08))
. ./setup.sh < missing; pip install numpy
shift 3; pip install numpy
local P=1; pip install x$P
export 1x=2; pip install numpy
unset 1x; pip install numpy
kill -l > log; pip install numpy
ls -l =pip; pip install numpy
pip install numpy 2>/dev/null 1>&2
pip install numpy 3>&1 >&3
pip install numpy <<<a <<<b
pip install numpy < one.txt < requirements.txt
pip install "a!b" a!b
pip install x'y''z' "a'b"
setopt rcquotes; pip install 'a''b'
"""

ZSH_CELLS = r"""
alias p=pip
p list

alias pip=echo
pip install numpy

alias pip=echo
\pip install numpy

alias -g N=numpy
pip install N

pip list
if then

pip list
)

zsh <<EOF
pip install numpy
EOF

while read p; do pip install $p; done <<EOF
numpy
pandas
EOF

P="a
b"
pip install $P
pip list ${=P}

P=$(cat requirements.txt)
pip install ${(f)P}
pip install $=P

A=(
  numpy
  pandas # here
)
pip install $A

pip install \
  numpy \
  # pandas
pip list

f() {
  pip install $@
}
f a "b c" ''

function f {
  emulate -L zsh
  pip install $1
}
f numpy
"""
