package config

// Settings is every setting as text, for kong to fill from flags; embed it in
// the struct of the command line. Each part is a group, with its heading, and
// the order is that of the README, of --help and of `authgraph config`. The tags
// of a field are its row in the table:
//
//	name     the flag; in upper case, after AUTHGRAPH_, the environment variable
//	def      the default, as one would write it
//	derived  words for a default that depends on other settings
//	range    the least and the greatest value
//	help     what it is
//	secret   values are masked, and a field with of:"NAME" reads them from a file
//	list     several values, with commas in between
//	empty    set but empty means none; elsewhere that is a mistake
//	path     a file or directory that must exist
type Settings struct {
	Essentials `group:"What a team sets first"`
	Network    `group:"Network"`
	Database   `group:"Database"`
	Mail       `group:"E-mail"`
	Sessions   `group:"Sessions and tokens"`
	Passwords  `group:"Passwords"`
	Factors    `group:"Passkeys and second factors"`
	SignUps    `group:"Who may sign up, and limits"`
	Others     `group:"Log in with others"`
	App        `group:"Your application"`
	Keys       `group:"Keys, and tokens for other services"`
	Contract   `group:"Contract and pages"`
	Log        `group:"Audit log, log and settings file"`
}

// Essentials are what nearly every installation sets.
type Essentials struct {
	Mode            Value  `name:"mode" def:"development" help:"development or production. development serves this machine only, catches e-mails unless SMTP_URL is set, and makes its own secret. production needs SECRET, PUBLIC_URL, DATABASE_URL, SMTP_URL and MAIL_FROM."`
	PublicURL       Value  `name:"public-url" derived:"http://localhost:<port of LISTEN>" help:"The URL at which browsers reach the server. It may have a path if a proxy in front gives it one, but a host of its own is safer. production needs https."`
	ServiceName     Value  `name:"service-name" def:"authgraph" help:"The name of your service in e-mails and on pages."`
	Secret          Value  `name:"secret" secret:"" derived:"made in DATA_DIR/secret" help:"The secret that all keys are derived from: at least 32 random bytes. Make it with openssl rand -base64 32."`
	SecretFile      Value  `name:"secret-file" of:"SECRET" help:"File that holds SECRET."`
	DatabaseURL     Value  `name:"database-url" secret:"" derived:"sqlite:<DATA_DIR>/authgraph.db" help:"sqlite:path or postgres://user:password@host/name. Without sslmode, a server on another machine must show a valid certificate (verify-full)."`
	DatabaseURLFile Value  `name:"database-url-file" of:"DATABASE_URL" help:"File that holds DATABASE_URL."`
	SMTPURL         Value  `name:"smtp-url" secret:"" derived:"the mailbox on /dev/mailbox" help:"The mail server: smtp://user:password@host:port (with STARTTLS, which is required), smtps://… or smtp+insecure://host:port."`
	SMTPURLFile     Value  `name:"smtp-url-file" of:"SMTP_URL" help:"File that holds SMTP_URL."`
	MailFrom        Value  `name:"mail-from" derived:"<SERVICE_NAME> <no-reply@localhost>" help:"The sender of e-mails: Name <address>, or only an address."`
	LoginURL        Value  `name:"login-url" empty:"" derived:"<PUBLIC_URL>/log-in" help:"Your page where people log in and sign up. The hosted pages link to it."`
	AllowedOrigins  Value  `name:"allowed-origins" list:"" empty:"" help:"Other origins whose pages may call the API, such as https://app.example.com, capacitor://localhost or chrome-extension://id. In https://*.preview.example.com the asterisk stands for one label. development also allows every port of localhost."`
	TrustedProxies  Value  `name:"trusted-proxies" list:"" empty:"" help:"IP addresses or networks (10.0.0.0/8) of your proxies. The server believes X-Forwarded-For only if it comes from one of them."`
	Listen          Value  `name:"listen" def:"localhost:8080" help:"Where the server listens: host:port, or unix: and the path of a socket, which the server's user and group can open. development takes localhost only, unless DEVELOPMENT_OPEN is on."`
	H2C             Switch `name:"h2c" def:"false" help:"Also take HTTP/2 without TLS, from proxies that speak it to what is behind them."`
}

// Network is what else there is to listening and to pages of other origins.
type Network struct {
	AdminListen     Value  `name:"admin-listen" def:"localhost:8081" help:"Where the second listener listens, for metrics, health in detail and profiles: host:port, or off. It asks for no password."`
	DevelopmentOpen Switch `name:"development-open" def:"false" help:"Let development listen on any address, as it must in a container. Publish its port on localhost only: whoever reaches it reads all e-mails."`
	AllowedHeaders  Value  `name:"allowed-headers" list:"" empty:"" help:"More request headers that pages of allowed origins may send, such as x-tenant. Those of GraphQL clients and of tracing are always allowed."`
}

// Database is how the database is used.
type Database struct {
	DatabasePool    Value  `name:"database-pool" def:"10" range:"2..1000" help:"The largest number of connections to PostgreSQL, or of readers of SQLite."`
	DatabaseWait    Value  `name:"database-wait" derived:"30s in production, else 0s" range:"0s..10m" help:"How long a command waits for a database that is not there yet: it refuses connections, cannot be reached or is starting up."`
	DatabasePrepare Switch `name:"database-prepare" def:"true" help:"Keep prepared statements. Turn this off behind a pooler in transaction mode."`
	ListenURL       Value  `name:"listen-url" secret:"" empty:"" derived:"DATABASE_URL" help:"A URL of the same PostgreSQL database without the pooler, for LISTEN. You need it only if DATABASE_URL leads to a pooler."`
	ListenURLFile   Value  `name:"listen-url-file" of:"LISTEN_URL" help:"File that holds LISTEN_URL."`
	CallerCache     Switch `name:"caller-cache" def:"true" help:"Keep in memory who holds which token, so that requests need no query. It is used only while the server hears of changes that other replicas make."`
	DataDir         Value  `name:"data-dir" def:"./data" help:"Directory of the SQLite database and of the secret that development makes."`
}

// Mail is what e-mails say and where they lead.
type Mail struct {
	SMTPCA               Value  `name:"smtp-ca" path:"file" empty:"" help:"File with the certificates (PEM) of the authorities that the mail server's may come from, instead of the system's."`
	SMTPTokenURL         Value  `name:"smtp-token-url" empty:"" help:"The token endpoint of a mail server that takes no password (XOAUTH2): https://… SMTP_URL then has a user and no password."`
	SMTPClientID         Value  `name:"smtp-client-id" empty:"" help:"The client that asks for those tokens."`
	SMTPClientSecret     Value  `name:"smtp-client-secret" secret:"" empty:"" help:"Its secret."`
	SMTPClientSecretFile Value  `name:"smtp-client-secret-file" of:"SMTP_CLIENT_SECRET" help:"File that holds SMTP_CLIENT_SECRET."`
	SMTPScope            Value  `name:"smtp-scope" empty:"" help:"The scope that it asks for, such as https://outlook.office365.com/.default."`
	SMTPRefreshToken     Value  `name:"smtp-refresh-token" secret:"" empty:"" help:"A refresh token that the mailbox's owner granted, as Google has it. Without one the client asks for itself (client_credentials)."`
	SMTPRefreshTokenFile Value  `name:"smtp-refresh-token-file" of:"SMTP_REFRESH_TOKEN" help:"File that holds SMTP_REFRESH_TOKEN."`
	ConfirmURL           Value  `name:"confirm-url" derived:"<PUBLIC_URL>/confirm" help:"The page that e-mails to confirm an address link to. Links add #token=…&email=… to it."`
	ResetURL             Value  `name:"reset-url" derived:"<PUBLIC_URL>/reset" help:"The page that e-mails to choose a password link to. Links add #token=… to it."`
	MailTemplates        Value  `name:"mail-templates" empty:"" path:"directory" help:"Directory with your own templates of e-mails. A file replaces the template of the same name. Those of other languages than English are in directories: de/confirm.txt."`
	Locales              Value  `name:"locales" list:"" def:"en,de,fr,es,pt,it,nl,pl,uk,ja" help:"The languages of e-mails and pages, as BCP 47 tags. The first one is for everybody else. For a language that is not among the default ones, put templates into a directory of its tag in MAIL_TEMPLATES."`
	SignInNotice         Switch `name:"sign-in-notice" def:"false" help:"Send an e-mail after a login from an unknown device."`
}

// Sessions is how long sessions and tokens live.
type Sessions struct {
	AccessTTL      Value `name:"access-ttl" def:"15m" range:"1s..1h" help:"Life of an access token. After a session has ended, services that verify by JWKS alone accept its access token for up to this long."`
	RefreshTTL     Value `name:"refresh-ttl" def:"14d" range:"2s..365d" help:"A session ends when nobody has used it for this long."`
	SessionTTL     Value `name:"session-ttl" def:"30d" range:"2s..365d" help:"A session ends after this long, used or not."`
	RefreshGrace   Value `name:"refresh-grace" def:"10s" range:"0s..1m" help:"How long the previous refresh token still yields the current one, for two tabs that refresh at once."`
	ConfirmTTL     Value `name:"confirm-ttl" def:"24h" range:"1s..30d" help:"Life of a token that confirms an address."`
	ResetTTL       Value `name:"reset-ttl" def:"1h" range:"1s..24h" help:"Life of a token that resets a password."`
	RecentTTL      Value `name:"recent-ttl" def:"15m" range:"1s..24h" help:"For how long after the password, or the second factor where the account has one, was given a session may do what the schema marks @recent."`
	APITokenTTL    Value `name:"api-token-ttl" def:"365d" range:"1s..3650d" help:"The longest life of an API token, and the life of one that asks for none."`
	APITokenScopes Value `name:"api-token-scopes" list:"" empty:"" help:"Your own scopes for API tokens. account:read, sessions:read, tokens:read, factors:read and identities:read always exist."`
}

// Passwords is what a password must be, and how it is hashed.
type Passwords struct {
	PasswordMinLength  Value `name:"password-min-length" def:"8" range:"8..1024" help:"The smallest number of characters of a new password. 15 is advised where the password is the only factor."`
	PasswordMaxLength  Value `name:"password-max-length" def:"128" range:"64..1024" help:"The largest number of characters of a password. If you lower it, people whose password is longer cannot log in."`
	PasswordHash       Value `name:"password-hash" def:"argon2id:m=19456,t=2,p=1" help:"How new passwords are hashed: argon2id:m=19456,t=2,p=1 (KiB, passes, lanes), scrypt:n=131072,r=8,p=1 (cost, block size, lanes) or bcrypt:12 (cost). A parameter that you leave out has the value shown here. Other hashes are replaced at login."`
	PasswordPepper     Value `name:"password-pepper" secret:"" list:"" empty:"" help:"Keys that new hashes depend on, each as id:base64 of at least 32 bytes. The first one makes new hashes; the others still verify old ones. If you lose a key, you lose its passwords."`
	PasswordPepperFile Value `name:"password-pepper-file" of:"PASSWORD_PEPPER" help:"File that holds PASSWORD_PEPPER."`
	HashConcurrency    Value `name:"hash-concurrency" def:"0" range:"0..1024" help:"How many passwords are hashed at the same time. 0 means one less than the number of cores, and at least one."`
}

// Factors is what accounts log in with besides a password, and how a second factor
// is asked for.
type Factors struct {
	Passkeys         Switch `name:"passkeys" def:"true" help:"Let people add passkeys and log in with them. If it is off, those that exist still answer as second factors."`
	PasskeyRPID      Value  `name:"passkey-rp-id" empty:"" derived:"host of PUBLIC_URL" help:"The domain that passkeys are made for: the host of PUBLIC_URL, or a domain above it such as example.com. If you change it, passkeys that exist stop working."`
	PasskeyOrigins   Value  `name:"passkey-origins" list:"" empty:"" derived:"PUBLIC_URL, and those of ALLOWED_ORIGINS below PASSKEY_RP_ID" help:"The origins whose pages may ask for passkeys, such as https://app.example.com or android:apk-key-hash:…. Patterns do not count. Browsers accept one of another domain only if it is in /.well-known/webauthn of PASSKEY_RP_ID: authgraph config prints that document where this server cannot serve it. development also allows every port of localhost."`
	EmailLogin       Switch `name:"email-login" def:"false" help:"Let people log in with a code from an e-mail. Whoever reads a person's e-mails can then log in as them, unless the account has a second factor."`
	EmailLoginURL    Value  `name:"email-login-url" derived:"<PUBLIC_URL>/code" help:"The page that e-mails with a code link to. It only shows the code. Links add #code=… to it."`
	EmailCodeTTL     Value  `name:"email-code-ttl" def:"10m" range:"1m..10m" help:"Life of a code that was sent by e-mail."`
	SecondFactor     Value  `name:"second-factor" def:"optional" help:"off, optional or required. off: nobody can add a second factor; those that exist are still asked for. optional: people choose. required: everybody needs one, and a session without it can only set one up."`
	ChallengeTTL     Value  `name:"challenge-ttl" def:"10m" range:"1s..30m" help:"How long a login waits for its second factor."`
	TrustedDeviceTTL Value  `name:"trusted-device-ttl" def:"0s" range:"0s..90d" help:"How long a browser that proved a second factor may log in without it, if its user asks for that. 0s is never."`
	LimitFactor      Value  `name:"limit-factor" def:"5/15m" help:"Wrong codes of an authenticator app for one account: count/duration, or off."`
}

// SignUps is who may have an account, and how often what may be tried.
type SignUps struct {
	SignUp      Value  `name:"sign-up" def:"open" help:"open or closed. open: anybody may make an account by signUp. closed: signUp is refused, and only authgraph user create makes accounts."`
	Usernames   Switch `name:"usernames" def:"true" help:"Allow usernames, and accounts with a username and no e-mail address."`
	LimitLogin  Value  `name:"limit-login" def:"10/15m" help:"Wrong passwords for one account: count/duration, or off."`
	LimitSignUp Value  `name:"limit-sign-up" def:"60/1h" help:"Sign-ups from one IP address (IPv6: from one /64): count/duration, or off."`
	LimitMail   Value  `name:"limit-mail" def:"5/1h" help:"E-mails of one kind to one address: count/duration, or off."`
}

// Others are the providers with which people log in. Each has settings of its own:
// OneProvider.
type Others struct {
	Providers  Value `name:"providers" list:"" empty:"" help:"With whom people can log in, in the order of the buttons: google, apple, microsoft, gitlab, github, discord, or ids of your own for other OpenID Connect providers. docs/providers.md shows each."`
	ReturnURLs Value `name:"return-urls" list:"" empty:"" derived:"<PUBLIC_URL>/signed-in" help:"Pages to which a browser may come back from a provider, byte for byte: https://app.example.com/signed-in, or com.example.app:/signed-in for an app. http://127.0.0.1/signed-in stands for any port. development also allows every page of http://localhost."`
}

// App is what the application that stands on the accounts says of them.
type App struct {
	Roles             Value `name:"roles" list:"" def:"user" help:"What accounts can be in your application, the default role first: user,editor,admin. Every account has the default role. authgraph user roles gives the others. Permissions over other accounts may stand after =, as in support=users:read+sessions:end or admin=*; nothing uses them yet."`
	Claims            Value `name:"claims" empty:"" path:"file" help:"File with claims that access tokens of sessions carry besides ours: a JSON object. Texts such as $id, $roles and $profile.plan are replaced. docs/hasura.md has an example."`
	Profile           Value `name:"profile" empty:"" path:"file" help:"File with the fields that your application keeps of a person: the type Profile and its enums, in GraphQL. docs/profile.md has an example."`
	Hooks             Value `name:"hooks" empty:"" path:"file" help:"File with the addresses of your application that are asked before somebody signs up or changes something (validate), and for claims (claims): JSON. docs/hooks.md has an example."`
	Captcha           Value `name:"captcha" empty:"" help:"turnstile or hcaptcha: the CAPTCHA that some forms want."`
	CaptchaSiteKey    Value `name:"captcha-site-key" empty:"" help:"The public key of your site at the provider of the CAPTCHA."`
	CaptchaSecret     Value `name:"captcha-secret" secret:"" empty:"" help:"The secret of your site at the provider of the CAPTCHA."`
	CaptchaSecretFile Value `name:"captcha-secret-file" of:"CAPTCHA_SECRET" help:"File that holds CAPTCHA_SECRET."`
	CaptchaOn         Value `name:"captcha-on" list:"" def:"signUp,startPasskeySignUp,startEmailLogin,requestPasswordReset" help:"The mutations that want the CAPTCHA: signUp, startPasskeySignUp, startEmailLogin, requestPasswordReset, login. With signUp alone, a sign-up with a passkey goes around it."`
	CaptchaURL        Value `name:"captcha-url" empty:"" derived:"that of the provider" help:"The whole address that says whether a CAPTCHA was solved (siteverify). Only for tests and for a proxy of your own."`
}

// Keys is what signs access tokens, and what is in them.
type Keys struct {
	JWTAlgorithm       Value `name:"jwt-algorithm" def:"ES256" help:"Signature of access tokens: ES256, EdDSA, RS256 or HS256. No other service can verify HS256. After a change, tokens that were made before stay valid until they expire."`
	KeyRotation        Value `name:"key-rotation" def:"90d" range:"1s..3650d" help:"The age at which the signing key is replaced."`
	Issuer             Value `name:"issuer" derived:"<PUBLIC_URL>" help:"The claim iss of access tokens: an http or https URL."`
	Audience           Value `name:"audience" derived:"<PUBLIC_URL>" help:"The claim aud of access tokens."`
	SecretPrevious     Value `name:"secret-previous" secret:"" empty:"" help:"Only while you replace SECRET: the other one of the two secrets. It can open and check what it made, but it makes nothing new."`
	SecretPreviousFile Value `name:"secret-previous-file" of:"SECRET_PREVIOUS" help:"File that holds SECRET_PREVIOUS."`
}

// Contract is what of the schema and of our own pages is served.
type Contract struct {
	Introspection    Switch `name:"introspection" derived:"on in development" help:"Answer queries about the schema, and suggest names in errors."`
	Playground       Switch `name:"playground" derived:"on in development" help:"Serve GraphiQL on /."`
	Pages            Switch `name:"pages" def:"true" help:"Serve the pages that e-mails link to by default."`
	HostedPages      Switch `name:"hosted-pages" def:"true" help:"Serve /log-in, /sign-up and /account, for an application without such pages of its own. They need PAGES."`
	AppURL           Value  `name:"app-url" list:"" empty:"" help:"Your application, where people go on from these pages: absolute URLs. The first one is the default. ?return= may ask for any of them, to the letter."`
	BrandName        Value  `name:"brand-name" empty:"" derived:"SERVICE_NAME" help:"The name on the hosted pages."`
	BrandLogo        Value  `name:"brand-logo" empty:"" path:"file" help:"File with a picture (SVG, PNG, JPEG, GIF or WebP) above the name."`
	BrandColor       Value  `name:"brand-color" empty:"" help:"Color of buttons and links: #rrggbb. It is made darker or lighter where it could not be read."`
	TrustedDocuments Value  `name:"trusted-documents" empty:"" path:"file" help:"File with the only operations that the server answers."`
}

// Log is what is recorded and logged, and where settings can be beside the environment.
type Log struct {
	AuditTTL   Value `name:"audit-ttl" def:"400d" range:"1d..3650d" help:"How long the audit log keeps what it recorded, or off to keep it for ever."`
	LogLevel   Value `name:"log-level" def:"info" help:"The lowest level that is logged: debug, info, warn or error."`
	ConfigFile Value `name:"config" help:"File with settings: a JSON object whose keys are names of settings in lower case without the prefix, such as access_ttl."`
}
