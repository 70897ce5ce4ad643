# Writes vectors.json: hashes that other programs made. See README.md.
import base64, hashlib, json, os, struct, sys

import django
from django.conf import settings

settings.configure()
django.setup()
from django.contrib.auth import hashers as dj  # noqa: E402
import passlib.hash as pl  # noqa: E402
from werkzeug.security import generate_password_hash  # noqa: E402
import argon2  # noqa: E402
import bcrypt  # noqa: E402

PASSWORDS = ["correct horse battery staple", "p\u00e4ssw\u00f6rd \u2603", "x" * 60 + " sixty-five"]
vectors = []


def add(program, name, password, hash):
    vectors.append({"program": program, "name": name, "password": password, "hash": hash})


def b64(b):
    return base64.b64encode(b).decode()


def salt(n=8):
    return os.urandom(n).hex()


def made_here(password):
    """What could not be run here, written as its source or document says."""
    raw, s = password.encode(), salt()
    add("hashlib", "Werkzeug 3 scrypt", password, "scrypt:32768:8:1$%s$%s" % (s, hashlib.scrypt(raw, salt=s.encode(), n=32768, r=8, p=1, maxmem=1 << 26).hex()))
    add("hashlib", "Django 5 scrypt", password, "scrypt$%s$16384$8$5$%s" % (s, b64(hashlib.scrypt(raw, salt=s.encode(), n=16384, r=8, p=5, maxmem=1 << 27))))
    s = os.urandom(16)
    v2 = b"\0" + s + hashlib.pbkdf2_hmac("sha1", raw, s, 1000, 32)
    add("hashlib", "ASP.NET Identity 2", password, b64(v2))
    for prf, name, rounds in ((1, "sha256", 10000), (2, "sha512", 20000)):
        v3 = b"\1" + struct.pack(">III", prf, rounds, 16) + s + hashlib.pbkdf2_hmac(name, raw, s, rounds, 32)
        add("hashlib", "ASP.NET Identity 3 " + name, password, b64(v3))
    for algorithm, name, rounds, size in (("pbkdf2-sha256", "sha256", 27500, 64), ("pbkdf2-sha512", "sha512", 30000, 64), ("pbkdf2", "sha1", 20000, 64)):
        digest = hashlib.pbkdf2_hmac(name, raw, s, rounds, size)
        keycloak(algorithm, rounds, {}, password, s, digest)
    digest = argon2.low_level.hash_secret_raw(raw, s, 5, 7168, 1, 32, argon2.Type.ID)
    more = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
    keycloak("argon2", 5, more, password, s, digest)


def keycloak(algorithm, rounds, more, password, s, digest):
    about = json.dumps({"hashIterations": rounds, "algorithm": algorithm, "additionalParameters": more})
    secret = json.dumps({"value": b64(digest), "salt": b64(s), "additionalParameters": {}})
    add("hashlib", "Keycloak " + algorithm, password, {"credentialData": about, "secretData": secret})


def fast(password):
    raw, s = password.encode(), salt()
    for name in ("md5", "sha1", "sha256", "sha512"):
        plain = lambda b: hashlib.new(name, b).hexdigest()
        add("hashlib", name, password, {"format": name, "hash": plain(raw)})
        add("hashlib", name + " salt before", password, {"format": name, "hash": plain(s.encode() + raw), "salt": s, "position": "before"})
        add("hashlib", name + " salt after", password, {"format": name, "hash": plain(raw + s.encode()), "salt": s, "position": "after"})
    import hmac
    add("hashlib", "hmac sha256", password, {"format": "sha256", "hash": hmac.new(s.encode(), raw, "sha256").hexdigest(), "salt": s, "position": "hmac"})


for password in PASSWORDS:
    for h in (dj.PBKDF2PasswordHasher(), dj.PBKDF2SHA1PasswordHasher(), dj.Argon2PasswordHasher(), dj.BCryptSHA256PasswordHasher(),
              dj.BCryptPasswordHasher(), dj.SHA1PasswordHasher(), dj.MD5PasswordHasher()):
        h.rounds, h.iterations = 6, 12000
        add("Django", h.algorithm, password, h.encode(password, h.salt()))
    for method in ("pbkdf2:sha256:20000", "pbkdf2:sha1:15000", "pbkdf2:sha512:12000"):
        add("Werkzeug", method, password, generate_password_hash(password, method))
    for h in (pl.pbkdf2_sha1, pl.pbkdf2_sha256, pl.pbkdf2_sha512):
        add("passlib", h.name, password, h.using(rounds=12000).hash(password))
    add("passlib", "scrypt", password, pl.scrypt.using(rounds=12).hash(password))
    add("passlib", "scrypt $7$", password, pl.scrypt.using(rounds=12, ident="$7$", salt=salt().encode()).hash(password))
    add("passlib", "bcrypt_sha256", password, pl.bcrypt_sha256.using(rounds=6).hash(password))
    for h in (pl.ldap_md5, pl.ldap_salted_md5, pl.ldap_sha1, pl.ldap_salted_sha1):
        add("passlib", h.name, password, h.hash(password))
    for ident in ("2a", "2b", "2y"):
        add("passlib", "bcrypt " + ident, password, pl.bcrypt.using(rounds=6, ident=ident).hash(password))
    for kind in (argon2.Type.I, argon2.Type.ID):
        add("argon2-cffi", kind.name, password, argon2.PasswordHasher(2, 8192, 2, type=kind).hash(password))
    add("bcrypt", "bcrypt", password, bcrypt.hashpw(password.encode(), bcrypt.gensalt(6)).decode())
    made_here(password)
    fast(password)

json.dump(vectors, sys.stdout, indent=1)
print()
