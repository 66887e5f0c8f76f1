"""Every form that a secret has, with a canary in it, and what only looks like one."""

from __future__ import annotations

CANARY = "Zq7CanaryK3yX9w2"
"""What must never be seen. It has the letters and the length that tokens of all kinds have."""

_URLS = f"""
https://me:{CANARY}@h.example/simple
https://{CANARY}@h.example/simple
https://{CANARY}:x-oauth-basic@h.example/simple
https://us/er:{CANARY}@h.example/
http://us/er:{CANARY}@127.0.0.1:8080/x.whl
https://tok/{CANARY}@h.example/simple
https://me:p/{CANARY}@h.example/simple
https://me:1/{CANARY}@h.example/simple
https://me:p%2F{CANARY}@h.example/simple
https://me%3A{CANARY}@h.example/simple
https://me:a?b#{CANARY}@h.example/simple
https://me:with blank{CANARY}@h.example/simple
git+https://{CANARY}@h.example/team/repo.git@v1.2#egg=x
git+ssh://git:{CANARY}@h.example/team/repo.git
//me:{CANARY}@h.example/x
me:{CANARY}@proxy.example:3128
us/er:{CANARY}@proxy.example:3128
--proxy=me:{CANARY}@proxy:3128
https%3A%2F%2Fme%3A{CANARY}%40h.example
https://h.example/x.whl?sig={CANARY}
https://h.example/x.whl?{CANARY}
https://h.example/x.whl?a=b&Signature={CANARY}&Expires=1
x-1.0-py3-none-any.whl?sig={CANARY}
h.example/x.whl?a=b&sig={CANARY}
/srv/x.whl?sig={CANARY}
https://h.example/x#token={CANARY}
https://h.example/x#{CANARY}
https://conda.example/t/{CANARY}/main
conda.example/t/{CANARY}/main
-c t/{CANARY}/main
https://h.example/x;jsessionid={CANARY}
https://h.example/token/{CANARY}/simple
https://hooks.slack.com/services/T00000000/B00000000/{CANARY}
socks5h://me:{CANARY}@[::1]:1080
x[a]@git+https://{CANARY}@h.example/r.git@main
https://dl.cloudsmith.io/{CANARY}/team/repo/python/simple/
"""
_OPTIONS = f"""
--password {CANARY}
--password={CANARY}
--password '{CANARY} x'
--token {CANARY}
--token={CANARY}
--api-key {CANARY}
--account-key {CANARY}
--subscription-key '{CANARY}'
--http-password {CANARY}
twine upload -u me -p {CANARY} dist/x.whl
docker login -u me -p{CANARY}
curl -u me:{CANARY} https://h.example
poetry config pypi-token.pypi {CANARY}
poetry config http-basic.mine me {CANARY}
conda token set {CANARY}
uv publish -t {CANARY}
poetry publish -u __token__ -p {CANARY}
wandb login {CANARY}
curl -u {CANARY}: https://h.example
curl -b session={CANARY} https://h.example
setenv MY_TOKEN {CANARY}
"""
_NAMES = f"""
TOKEN={CANARY}
GH_TOKEN="{CANARY}"
DB_PASS={CANARY}
GITHUB_PAT={CANARY}
NPM_AUTH={CANARY}
OPENAI_KEY={CANARY}
PIP_INDEX_URL=https://me:{CANARY}@h.example/simple
Signature={CANARY}
token%3D{CANARY}
password: {CANARY}
token => {CANARY}
os.environ["TOKEN"] = "{CANARY}"
<password>{CANARY}</password>
AccountKey={CANARY}==;EndpointSuffix=x
account_key: {CANARY}
signing_key = "{CANARY}"
"client_secret": "{CANARY}"
//npm.example/:_authToken={CANARY}
Cookie: a=1; session={CANARY}
Set-Cookie: session={CANARY}; Secure
curl -H 'Cookie: a=1; session={CANARY}' https://h.example
curl -H "Authorization: Bearer {CANARY}" https://h.example
Authorization: Basic {CANARY}==
Authorization: Digest username="me", response="{CANARY}"
PRIVATE-TOKEN: {CANARY}
X-Api-Key: {CANARY}
Bearer {CANARY}
machine h.example login me password {CANARY}
-----BEGIN RSA PRIVATE KEY-----{CANARY}-----END RSA PRIVATE KEY-----
"""
_BARE = f"""
ghp_{CANARY}
gho_{CANARY}
ghs_{CANARY}
github_pat_11{CANARY}
glpat-{CANARY}
pypi-AgEIcHlwaS5vcmc{CANARY}
hf_{CANARY}
npm_{CANARY}
AKIA{CANARY.upper()}
ASIA{CANARY.upper()}
xoxb-1234-{CANARY}
sk-proj-{CANARY}
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{CANARY}.c2ln{CANARY}
AIza{CANARY}{CANARY}
whsec_{CANARY}
sq0csp-{CANARY}
r8_{CANARY}
gsk_{CANARY}
nvapi-{CANARY}
AQoDYXdz{CANARY}/{CANARY}==
IQoJb3JpZ2lu{CANARY}+{CANARY}
"""
FORMS = tuple(line for lines in (_URLS, _OPTIONS, _NAMES, _BARE) for line in lines.strip().splitlines())

WHOLE_LINES = tuple(
    f"""
file://me:{CANARY}@localhost/srv/x
aws configure set aws_secret_access_key {CANARY}
pip config set global.password {CANARY}
pip config --user set global.password {CANARY}
anaconda -t {CANARY} upload x
unzip -P {CANARY} x.zip
zip -r -P {CANARY} x.zip x
npm config set //npm.example/:_authToken {CANARY}
npm config set access-key {CANARY}
7z x -p{CANARY} x.7z
openssl enc -d -k {CANARY}
openssl enc -d -pass pass:{CANARY}
openssl rsa -in a.pem -passin pass:a1 -passout pass:{CANARY}
openssl rsa -in a.pem -passin "pass:with {CANARY}"
kaggle config set -n key -v {CANARY}
echo {CANARY} | sudo -S pip install six
echo "{CANARY}" | sudo -S -H pip install six
printf '%s\\n' '{CANARY}' | sudo -kS pip install six
echo {CANARY} | sudo -u root -S pip install six
echo with {CANARY} | sudo -S pip install six
echo {CANARY} | tee | sudo -S pip install six
echo with\\ {CANARY} | sudo -S pip install six
echo {CANARY} | docker login --password-stdin
yes {CANARY} | sudo -S pip install six
yes '{CANARY}' | sudo --stdin pip install six
cat <<< {CANARY} | sudo -S pip install six
(echo {CANARY}; cat) | sudo -S pip install six
{{{{ echo "{CANARY} x"; }}}} | sudo -S pip install six
python -c "print('{CANARY}')" | sudo -S pip install six
sudo -S pip install six < <(echo {CANARY})
echo {CANARY} | su -c 'pip install six'
echo me:{CANARY} | chpasswd
echo {CANARY} | gpg --batch --passphrase-fd 0 -d x.gpg
file://{CANARY}@h.example/simple
wandb login --relogin {CANARY}
vault login -method=token {CANARY}
openssl passwd -6 {CANARY}
%env GH_TOKEN {CANARY}
%set_env API_KEY {CANARY}
sudo -S pip install six <<< {CANARY}
sudo -p '' -S pip install six <<< {CANARY}
docker login --password-stdin <<< "{CANARY}"
UV_INDEX_MINE_USERNAME={CANARY}
expect -c 'spawn twine upload x; expect "password:"; send "{CANARY}\\r"'
expect -c "spawn twine upload x; expect Password; send \\"{CANARY}\\n\\"; interact"
expect -c 'expect "Password" {{ send "{CANARY}\\r" }}'
expect -c 'expect "*?assword:*"; send -- "{CANARY} x)}}\\r"; expect eof'
expect -c 'expect "API token:" {{exp_send {CANARY}\\r}}'
child.expect("Passphrase:"); child.sendline("{CANARY}")
mc alias set mine https://h.example me {CANARY}
mc alias set mine https://h.example {CANARY} {CANARY} --api S3v4
mc --insecure config host add mine https://h.example 'me' '{CANARY}'
mc admin user add mine me {CANARY}
net use Z: \\\\h\\share {CANARY} /user:me
net use \\\\h\\share /USER:dom\\me "{CANARY}"
net user me {CANARY} /add
htpasswd -bc file me {CANARY}
redis-cli -h h.example -a {CANARY} ping
plink -pw {CANARY} h.example
cmdkey /generic:h /user:me /pass:{CANARY}
rclone obscure {CANARY}
export PASS={CANARY}
DBPASS={CANARY} pip install six
os.environ["DBPASS"] = "{CANARY}"
PWD={CANARY}
KEY={CANARY}
SSHKEY='{CANARY}'
setx PASS {CANARY}
%env PASS {CANARY}
{{"auths": {{"h": {{"auth": "{CANARY}"}}}}}}
""".strip().splitlines()
)
"""Forms that only the whole of a line tells: a word of it alone says nothing."""

HARMLESS = tuple(
    """
asttokens==3.0.2
numpy==1.0
tokenizers>=0.15,<1
tokenizers=0.15.0
keyring==24.3.1
secretstorage==3.3.3; sys_platform == "linux"
--index-strategy unsafe-best-match
--upgrade-strategy eager
--token-file
someone@example.com
git@github.com:team/repo.git
git+ssh://git@github.com/team/repo.git@main
git+https://github.com/team/repo.git@v1.2#egg=x&subdirectory=sub
git+https://github.com/team/repo@feature/login
https://packages.example/@scope/pkg
https://files.example/packages/ab/cd/0123456789abcdef0123456789abcdef/x-1.0.tar.gz#sha256=0123456789abcdef0123456789abcdef
https://docs.example/usage.html#module-os.path
https://discuss.example/t/how-to-install-things/12345
file:///srv/t/wheels2024/x.whl
/home/me/t/wheels2024/x.whl
/srv/token=2024/part-0.parquet
src/t/test_things.py
docker.io/library/python:3.11@sha256:0123456789abcdef
hf_transfer-0.1.9-cp38-abi3-manylinux_2_17_x86_64.whl
pypi-attestation-models==0.0.22
npm_config_cache
sk-learn
hf_home
pip-pat
nvapi-client-python-bindings
pplx-embeddings-v1
lsv2_dataset_loader
gsk_something_else
kaggle config set -n competition -v titanic
openssl req -new -key a.pem -out b.pem
openssl x509 -pubkey -in a.pem
docker run -p 8888:8888 jupyter/base-notebook
docker run -v $PWD:/w x
podman run -it --rm -p 127.0.0.1:8080:80/tcp x
docker-compose -p myproject up
mysql -P 3306
jupyter lab --NotebookApp.token='' --ServerApp.password=""
"key": "value"
yes | sudo -H pip install six
yes y | pip uninstall six
file:///srv/me@here/x.whl
file://localhost/srv/me@here/x.whl
echo six && pip list | sudo -H tee x
http://localhost:8080/simple
C:\\Users\\me\\envs\\a
git+https://{token}@h.example/x
https://me:{pw}@h.example/simple
https://$GH@h.example/simple
https://$USER:${PASSWORD}@h.example/simple?sig=$SIG
TOKEN=$GH
`x --token {token}`: it ran
(x --token={token})
echo yes | sudo -H pip install six
echo numpy | xargs pip install
conda config --set channel_priority strict
unzip -p x.zip
zip -r x.zip x
npm config set strict-ssl false
monkey: patch
expect -c 'spawn bash; expect ">"; send "pip install six\\r"'
expect -c 'spawn ssh h; expect "yes/no"; send "yes\\r"'
mc alias set mine https://h.example $KEY $SECRET
mc alias list
mc cp a/b c/d
net use Z: \\\\h\\share * /user:me
net use Z: /delete
net user me /delete
PWD=/home/me OLDPWD=/srv pip install six
KEY=/home/me/.ssh/id_ed25519
KEY=name sort -k2
MONKEY=1 KEYBOARD=us KEYS=a,b
BYPASS=1 COMPASS=north lowpass=0.5
{"pass": 3, "fail": 4}
TOKENIZERS_PARALLELISM=false pip install six
MAX_TOKENS=4096
HF_TOKENIZER=bert-base-uncased
htpasswd -c file me
--password "$PASSWORD"
basic usage: see the documentation
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)
