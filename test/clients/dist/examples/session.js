"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Session = void 0;
/**
 * Session is the login of this page. The access token lives in memory only. The refresh token lives in an HttpOnly
 * cookie, out of reach of scripts, unless a store is given: that is for apps without cookies.
 */
class Session {
    changed;
    store;
    accessToken = null;
    /** @param changed is told when somebody is logged in or no longer is: the time to forget what was fetched. */
    constructor(changed = () => { }, store) {
        this.changed = changed;
        this.store = store;
    }
    /** For `session: { delivery }` of every mutation that logs in. */
    get delivery() {
        return this.store ? "BODY" : "COOKIE";
    }
    /** For `refresh` and `logout`; null when it is in the cookie. */
    get refreshToken() {
        return this.store?.get() ?? null;
    }
    /** False if there is surely nothing to refresh; a cookie cannot be seen from here. */
    get mayBeRestored() {
        return !this.store || this.refreshToken !== null;
    }
    /** Takes the tokens of a login or a refresh. */
    begin({ accessToken, refreshToken }) {
        const first = this.accessToken === null;
        this.accessToken = accessToken;
        this.store?.set(refreshToken ?? null);
        if (first)
            this.changed(true);
    }
    /** Forgets them, after a logout or when the server refused to refresh. */
    end() {
        const last = this.accessToken !== null;
        this.accessToken = null;
        this.store?.set(null);
        if (last)
            this.changed(false);
    }
}
exports.Session = Session;
