/**
 * The web chat of Flow, as one custom element in one module:
 *
 *     <script type="module" src="/chat/flow-chat.js"></script>
 *     <flow-chat></flow-chat>
 *
 * Attributes: `src` (where the server's chat is; beside this module unless told), `heading`, `greeting` (shown before anything
 * was said), `starters` (first things to say, `Book a visit|Prices`), `lang`, `texts` (JSON, words of one's own), `theme`
 * (`light` or `dark`), `open`, `inline` (fills its parent), `title-mark` (unread messages stand in the page's title), `map`
 * (`https://maps.example/?q={latitude},{longitude}`).
 * Properties: `open`, `unread`, `texts`. Methods: `show()`, `hide()`, `say(text)`, and `forget()`, for when a visitor logs out:
 * this browser keeps nothing of it.
 * Events: `flow-chat-open` (`detail.open`), `flow-chat-unread` (`detail.count`).
 * Looks: CSS variables `--flow-chat-accent`, `-head`, `-background`, `-surface`, `-text`, `-muted`, `-line`, `-font`,
 * `-radius`, `-width`, `-height`, `-gap`. Browsers since September 2024.
 *
 * From the bottom up: what this browser keeps (Shelf, Outbox, Log), how it speaks to the server (EventParser, Server, Courier),
 * which of its tabs does (Lead), all of that together (Conversation), and what is seen of it (View, FlowChat).
 */

/** How long things take, in milliseconds. Tests make them shorter. */
export const timing = {
    firstRetry: 500,
    lastRetry: 15_000,
    // The server sends a comment each 15 seconds. A stream that brings nothing for twice as long is dead, or a proxy holds it back.
    silence: 30_000,
    // Where streams bring nothing, the server is asked: so often, and for so long before a stream is tried again.
    ask: 3_000,
    asking: 300_000,
    request: 30_000,
    // How long a message is sent again that something between refuses, while it lets the rest pass.
    barred: 120_000,
    typing: 5_000,
    // How long a tab that is looked at waits for a sign of the tab that speaks, and how long a lease lasts without Web Locks.
    sign: 2_000,
    lease: 5_000,
};

const MAP = 'https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}';

// Whoever was asked for the lead waits behind whoever asked.
const TURN = 50;

const LOG_ENTRIES = 200;
// A browser gives a page's origin some five million characters, and the page wants some for itself.
const LOG_CHARACTERS = 500_000;

/** Words of the element itself. */
const TEXTS = {
    en: {
        heading: 'Chat', open: 'Open chat', close: 'Close chat', unread: 'unread messages: {count}', log: 'Messages',
        you: 'You', them: 'Reply', input: 'Your message', send: 'Send', answers: 'Answers', latest: 'New messages',
        waiting: 'Sending…', kept: 'Will be sent once you are online', refused: 'Not sent', too_large: 'Not sent: too long',
        offline: 'You are offline. What you write is kept and sent later.',
        trouble: 'No connection. What you write is kept and sent later.',
        typing: 'An answer is being written', missed: 'Messages that are no longer available: {count}',
        restarted: 'A new conversation begins here.', image: 'Image', file: 'File', place: 'Place',
        map: 'Open map', link: 'Open link', contact: 'Contact',
    },
    de: {
        heading: 'Chat', open: 'Chat öffnen', close: 'Chat schließen', unread: 'ungelesene Nachrichten: {count}',
        log: 'Nachrichten', you: 'Sie', them: 'Antwort', input: 'Ihre Nachricht', send: 'Senden', answers: 'Antworten',
        latest: 'Neue Nachrichten', waiting: 'Wird gesendet …', kept: 'Wird gesendet, sobald Sie online sind',
        refused: 'Nicht gesendet', too_large: 'Nicht gesendet: zu lang',
        offline: 'Sie sind offline. Was Sie schreiben, wird aufbewahrt und später gesendet.',
        trouble: 'Keine Verbindung. Was Sie schreiben, wird aufbewahrt und später gesendet.',
        typing: 'Eine Antwort wird geschrieben', missed: 'Nicht mehr verfügbare Nachrichten: {count}',
        restarted: 'Hier beginnt ein neues Gespräch.', image: 'Bild', file: 'Datei', place: 'Ort',
        map: 'Karte öffnen', link: 'Link öffnen', contact: 'Kontakt',
    },
    fr: {
        heading: 'Chat', open: 'Ouvrir le chat', close: 'Fermer le chat', unread: 'messages non lus : {count}', log: 'Messages',
        you: 'Vous', them: 'Réponse', input: 'Votre message', send: 'Envoyer', answers: 'Réponses', latest: 'Nouveaux messages',
        waiting: 'Envoi…', kept: 'Sera envoyé dès que vous serez en ligne', refused: 'Non envoyé',
        too_large: 'Non envoyé : trop long',
        offline: 'Vous êtes hors ligne. Vos messages sont conservés et envoyés plus tard.',
        trouble: 'Pas de connexion. Vos messages sont conservés et envoyés plus tard.',
        typing: 'Une réponse est en cours', missed: 'Messages qui ne sont plus disponibles : {count}',
        restarted: 'Une nouvelle conversation commence ici.', image: 'Image', file: 'Fichier', place: 'Lieu',
        map: 'Ouvrir la carte', link: 'Ouvrir le lien', contact: 'Contact',
    },
    es: {
        heading: 'Chat', open: 'Abrir el chat', close: 'Cerrar el chat', unread: 'mensajes sin leer: {count}', log: 'Mensajes',
        you: 'Usted', them: 'Respuesta', input: 'Su mensaje', send: 'Enviar', answers: 'Respuestas', latest: 'Mensajes nuevos',
        waiting: 'Enviando…', kept: 'Se enviará cuando tenga conexión', refused: 'No enviado',
        too_large: 'No enviado: demasiado largo',
        offline: 'No tiene conexión. Lo que escriba se guarda y se envía después.',
        trouble: 'Sin conexión con el servidor. Lo que escriba se guarda y se envía después.',
        typing: 'Se está escribiendo una respuesta', missed: 'Mensajes que ya no están disponibles: {count}',
        restarted: 'Aquí empieza una conversación nueva.', image: 'Imagen', file: 'Archivo', place: 'Lugar',
        map: 'Abrir el mapa', link: 'Abrir el enlace', contact: 'Contacto',
    },
};

/** Lines on a ground of 24 by 24. */
const ICONS = {
    chat: 'M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z',
    close: 'M6 6l12 12M18 6L6 18',
    send: 'M4 12h14M12 5l7 7-7 7',
    file: 'M6 2h8l5 5v15H6zM14 2v5h5',
    link: 'M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5',
    contact: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.6-6 8-6s8 2 8 6',
    place: 'M12 21s7-6.2 7-12a7 7 0 0 0-14 0c0 5.8 7 12 7 12zM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
};

/** What this browser keeps for one server: in localStorage, or in memory where the browser refuses that. */
class Shelf {
    #prefix;
    #memory = new Map();

    constructor(src) {
        this.#prefix = `flow-chat:${src}:`;
        const isKept = this.names('').length > 0;
        this.set('probe', '1');
        /** Whether other tabs see it. What is full now has kept something before, and may again. */
        this.shared = isKept || this.#memory.size === 0;
        this.remove('probe');
    }

    get(name) {
        // Memory first: there stands what could not be written, because there was no room.
        if (this.#memory.has(name)) return this.#memory.get(name);
        try {
            return localStorage.getItem(this.#prefix + name);
        } catch {
            return null;
        }
    }

    /** Keeps it; says whether it could be kept where it belongs. */
    set(name, value) {
        try {
            localStorage.setItem(this.#prefix + name, value);
            this.#memory.delete(name);
        } catch {
            this.#memory.set(name, value);
        }
        return !this.shared || this.isKept(name);
    }

    /** Whether it stands where other tabs see it. */
    isKept(name) {
        return !this.#memory.has(name);
    }

    remove(name) {
        this.#memory.delete(name);
        try {
            localStorage.removeItem(this.#prefix + name);
        } catch {
            // It was in memory alone.
        }
    }

    names(beginning) {
        const names = new Set(this.#memory.keys());
        try {
            for (const key of Object.keys(localStorage)) {
                if (key.startsWith(this.#prefix)) names.add(key.slice(this.#prefix.length));
            }
        } catch {
            // What is in memory is all there is.
        }
        return [...names].filter((name) => name.startsWith(beginning)).sort();
    }

    clear() {
        for (const name of this.names('')) this.remove(name);
    }

    /** Another tab has written this: it is newer than what could not be written here. What was said here is nobody else's. */
    overtaken(key) {
        const name = key?.slice(this.#prefix.length);
        if (name && !name.startsWith('out:')) this.#memory.delete(name);
    }

    /** Whether there is something of that beginning that no other tab sees. */
    holdsAlone(beginning) {
        return [...this.#memory.keys()].some((name) => name.startsWith(beginning));
    }

    /** Whether a storage event speaks of this shelf; one without a key says that everything was cleared. */
    owns(key) {
        return key === null || key.startsWith(this.#prefix);
    }

    isSaid(key) {
        return key?.startsWith(`${this.#prefix}out:`);
    }
}

/**
 * What the visitor said and the server has not answered for yet, in order.
 *
 * Each message has a key of its own, so that two tabs that write at once never overwrite each other.
 */
class Outbox {
    #shelf;
    #makeRoom;

    /** `makeRoom(characters)` says whether there is more room now. */
    constructor(shelf, makeRoom) {
        [this.#shelf, this.#makeRoom] = [shelf, makeRoom];
    }

    /** Says whether the other tabs see it too. */
    put(message) {
        const last = this.#shelf.names('out:').at(-1);
        // Later than the last one also when the clock was set back.
        const stamp = Math.max(Date.now(), 0, last ? Number(last.split(':')[1]) + 1 || 0 : 0);
        const id = newId();
        const name = `out:${String(stamp).padStart(15, '0')}:${id}`;
        const written = JSON.stringify({ ...message, id, at: Date.now() });
        while (!this.#shelf.set(name, written)) {
            if (!this.#makeRoom(written.length)) return false;
        }
        return true;
    }

    all() {
        const messages = this.#shelf.names('out:').map((name) => ({ ...parsed(this.#shelf.get(name)), name }));
        return messages.filter(({ id }) => id);
    }

    remove(message) {
        this.#shelf.remove(message.name);
    }
}

/**
 * What was said, both ways, and the id of the last reply: one value, so that neither is there without the other.
 *
 * Only the tab that speaks to the server writes it.
 */
class Log {
    #shelf;
    #written;
    #log = { entries: [] };

    constructor(shelf) {
        this.#shelf = shelf;
    }

    get entries() {
        return this.#read().entries;
    }

    get last() {
        return this.#read().last;
    }

    /** Gives a message its place: where it stands when it is first sent, since its reply may come before its answer. */
    say(message) {
        this.#change((log) => {
            if (!log.entries.some((entry) => entry.id === message.id)) log.entries.push(asEntry(message));
        });
    }

    refuse(id, code) {
        this.#change((log) => {
            log.entries = log.entries.map((entry) => (entry.id === id ? { ...entry, refused: code } : entry));
        });
    }

    /**
     * Takes what came, in order: each a reply, or how many were `missed`, with its id. All of it is one write, since after a night
     * a thousand replies may come at once.
     */
    hear(news) {
        this.#change((log) => {
            for (const { id, reply, missed } of news) {
                log.last = id ?? log.last;
                if (reply) this.#add(log, id, reply);
                else this.#miss(log, missed);
            }
        });
    }

    /** The same reply comes again if a stream was cut before its id was kept. */
    #add(log, id, reply) {
        // The next conversation may give its replies the ids of this one.
        const key = `${log.restarts ?? 0}:${id}`;
        if (log.entries.some((entry) => entry.id === key)) return;
        log.entries.push({ ...asReply(reply), kind: 'reply', id: key });
    }

    /** A stream that was cut before the next reply tells the same ones again. */
    #miss(log, count) {
        if (log.entries.at(-1)?.kind === 'missed') log.entries.pop();
        log.entries.push({ kind: 'missed', id: newId(), count });
    }

    /** Forgets what was said first, for so many characters that have to be kept; says whether that is of use. */
    shrink(characters) {
        const isOfUse = this.entries.length > 1 && this.#shelf.isKept('log') && this.#written.length > characters;
        if (!isOfUse) return false;
        this.#change((log) => {
            log.entries = half(log.entries);
        });
        return true;
    }

    /** The server does not know the conversation any more: the ids of its replies mean nothing in the next one. */
    restart() {
        this.#change((log) => {
            log.last = undefined;
            log.restarts = (log.restarts ?? 0) + 1;
            const isToldOf = log.entries.length === 0 || log.entries.at(-1).kind === 'restarted';
            if (!isToldOf) log.entries.push({ kind: 'restarted', id: newId() });
        });
    }

    /** What is written is read again only if it is not what this tab has read before. */
    #read() {
        const written = this.#shelf.get('log');
        if (written !== this.#written) {
            const log = parsed(written);
            const entries = Array.isArray(log?.entries) ? log.entries.filter(isEntry) : [];
            [this.#written, this.#log] = [written, { ...log, entries }];
        }
        return this.#log;
    }

    #change(change) {
        const log = { ...this.#read() };
        log.entries = [...log.entries];
        change(log);
        log.entries = log.entries.slice(-LOG_ENTRIES);
        let written = JSON.stringify(log);
        while (written.length > LOG_CHARACTERS && log.entries.length > 1) {
            log.entries = half(log.entries);
            written = JSON.stringify(log);
        }
        this.#shelf.set('log', written);
        [this.#written, this.#log] = [written, log];
    }
}

/** Reads an event stream from pieces that may be cut anywhere: `feed` gives the events that are complete. */
export class EventParser {
    #line = '';
    #afterReturn = false;
    #event = {};

    feed(text) {
        const events = [];
        for (const character of text) {
            // A carriage return ends a line, and the line feed after it, also one in the next piece, is part of that end.
            const second = this.#afterReturn && character === '\n';
            this.#afterReturn = character === '\r';
            if (second) continue;
            if (character !== '\n' && character !== '\r') {
                this.#line += character;
                continue;
            }
            const complete = this.#take(this.#line);
            this.#line = '';
            if (complete) events.push(complete);
        }
        return events;
    }

    #take(line) {
        if (line === '') {
            const { name = 'message', data, id } = this.#event;
            this.#event = {};
            return data && { name, id, data: data.join('\n') };
        }
        const [, field, value] = /^([^:]*)(?:: ?(.*))?$/su.exec(line);
        if (field === 'event') this.#event.name = value;
        if (field === 'id') this.#event.id = value;
        if (field === 'data') (this.#event.data ??= []).push(value ?? '');
        return undefined;
    }
}

/**
 * The calls that the server answers, each as `{ kind, … }`: `done`; `refused` with its `code`, for good; `unknown`, the token
 * is none of the server's; `later`, perhaps `after` so many milliseconds, or `barred`: something that stands between refused it.
 */
class Server {
    #src;

    constructor(src) {
        this.#src = src;
    }

    async open(signal) {
        const answer = await this.#post('sessions', headers(), undefined, signal);
        return answer.kind === 'done' && typeof answer.body?.token !== 'string' ? { kind: 'later' } : answer;
    }

    async send(token, { id, text, press, language }, seen, signal) {
        const options = headers(token);
        // In the place of the browser's own languages: the page may speak another one.
        if (language) options['Accept-Language'] = language;
        const answer = await this.#post('messages', options, press ? { id, press, seen } : { id, text, seen }, signal);
        // A page that a proxy puts in the server's place is also answered with 200.
        return answer.kind === 'done' && !answer.body?.outcome ? { kind: 'later' } : answer;
    }

    async ask(token, last, signal) {
        const path = last ? `replies?after=${encodeURIComponent(last)}` : 'replies';
        const answer = await this.#call(path, { headers: headers(token) }, within(timing.request, signal));
        return answer.kind === 'done' && !Array.isArray(answer.body?.replies) ? { kind: 'later' } : answer;
    }

    /** The stream of replies after `last`, as a `response` whose body is still to come. */
    async stream(token, last, signal) {
        const options = { headers: headers(token, 'text/event-stream') };
        if (last) options.headers['Last-Event-ID'] = last;
        const isStream = (response) => response.headers.get('content-type')?.startsWith('text/event-stream');
        return this.#call('replies', options, signal, isStream);
    }

    #post(path, told, body, signal) {
        const sent = JSON.stringify(body);
        const options = { method: 'POST', headers: told, body: sent };
        if (sent) told['Content-Type'] = 'application/json';
        // Goes on when the tab is closed; browsers allow that for 64 KiB at once.
        options.keepalive = !sent || sent.length < 15_000;
        return this.#call(path, options, within(timing.request, signal));
    }

    async #call(path, options, signal, isStream = () => false) {
        try {
            const response = await fetch(`${this.#src}/${path}`, { ...options, signal, cache: 'no-store' });
            if (response.ok && isStream(response)) return { kind: 'done', response };
            const body = await response.json().catch(() => undefined);
            if (response.ok) return { kind: 'done', body };
            const code = body?.error?.code;
            if (code === 'unknown_token') return { kind: 'unknown' };
            const { status } = response;
            const final = status < 500 && ![408, 425, 429].includes(status);
            if (code && final) return { kind: 'refused', code };
            // An error without a code comes from something that stands between, and may be over soon, unless it finds it too large.
            if (status === 413) return { kind: 'refused', code: 'too_large' };
            // What wants a name and a password, or does not know the place yet, says nothing of the message.
            const barred = final && ![401, 404, 407].includes(status);
            return { kind: 'later', barred, after: retryAfter(response) };
        } catch {
            return { kind: 'later' };
        }
    }
}

/** Waits that something may cut short. */
class Bell {
    #waiting = new Set();

    ring() {
        for (const wake of [...this.#waiting]) wake();
    }

    /** Waits for the time to pass or the bell to ring; with `heeded` false, for the time alone. */
    wait(milliseconds, signal, heeded = true) {
        return new Promise((resolve) => {
            const wake = () => {
                clearTimeout(timer);
                this.#waiting.delete(wake);
                signal.removeEventListener('abort', wake);
                resolve();
            };
            const timer = Number.isFinite(milliseconds) ? setTimeout(wake, milliseconds) : undefined;
            if (heeded) this.#waiting.add(wake);
            signal.addEventListener('abort', wake);
            if (signal.aborted) wake();
        });
    }
}

/** How often something has failed in a row, and how long to wait before it is tried again. */
class Failures {
    count = 0;

    next() {
        const pause = Math.min(timing.firstRetry * 2 ** this.count, timing.lastRetry);
        this.count += 1;
        // The random part keeps a thousand browsers from coming back in one moment.
        return pause * (0.75 + Math.random() / 2);
    }
}

/** Sends what is in the outbox, one by one, and hears what is replied, for as long as it is told to. */
class Courier {
    #parts;
    #sending = new Failures();
    #hearing = new Failures();
    #asksUntil = 0;
    #silence;
    #heardAt;
    #barred;

    /** `parts`: shelf, outbox, log, server, bell, and what to tell: `changed`, `replied`, `typing`, `trouble`. */
    constructor(parts) {
        this.#parts = parts;
    }

    async work(signal) {
        await Promise.all([this.#send(signal), this.#hear(signal)]);
    }

    /**
     * The visitor is back, perhaps after a night in which this computer slept: a stream of which nothing was heard for so long is
     * given up. The timer that watches it has slept too.
     */
    wake() {
        if (Math.abs(Date.now() - this.#heardAt) > timing.silence) this.#silence?.abort();
    }

    async #send(signal) {
        const { shelf, outbox, log, server, bell } = this.#parts;
        while (!signal.aborted) {
            const message = outbox.all()[0];
            if (!message) {
                await bell.wait(Infinity, signal);
                continue;
            }
            const token = shelf.get('token');
            if (!token) {
                const opened = await server.open(signal);
                // A tab that was suspended meanwhile may find that another one has opened a conversation.
                if (opened.kind === 'done' && !signal.aborted && !shelf.get('token')) shelf.set('token', opened.body.token);
                await this.#settle(opened.kind === 'refused' ? { kind: 'later' } : opened, this.#sending, signal);
                // The other loop waits for a token.
                bell.ring();
                continue;
            }
            log.say(message);
            const sent = await server.send(token, message, log.last, signal);
            const answer = (await this.#isBarred(sent, message, token, signal)) ? { kind: 'refused', code: 'barred' } : sent;
            if (answer.kind === 'refused') log.refuse(message.id, answer.code);
            if (answer.kind === 'done' || answer.kind === 'refused') outbox.remove(message);
            await this.#settle(answer, this.#sending, signal, token);
        }
    }

    /**
     * Whether something between, as a firewall that takes a word for an attack, refuses this message, and would for ever: it has
     * done so for a while, and lets another request pass. A network that wants to be paid lets nothing pass.
     */
    async #isBarred({ barred }, { id }, token, signal) {
        if (!barred) {
            this.#barred = undefined;
            return false;
        }
        if (this.#barred?.id !== id) this.#barred = { id, since: performance.now() };
        if (performance.now() - this.#barred.since < timing.barred) return false;
        // Refused after another request had passed. The other way round, what stood between may just have gone.
        if (this.#barred.othersPass) return true;
        const other = await this.#parts.server.ask(token, this.#parts.log.last, signal);
        this.#barred.othersPass = other.kind === 'done';
        return false;
    }

    async #hear(signal) {
        const { shelf, bell } = this.#parts;
        while (!signal.aborted) {
            const token = shelf.get('token');
            if (!token) {
                await bell.wait(Infinity, signal);
                continue;
            }
            const asks = performance.now() < this.#asksUntil;
            const answer = asks ? await this.#ask(token, signal) : await this.#stream(token, signal);
            // Asking was in vain as well: it was not the stream that was at fault.
            if (answer.kind !== 'done') this.#asksUntil = asks ? 0 : this.#asksUntil;
            await this.#settle(answer.kind === 'refused' ? { kind: 'later' } : answer, this.#hearing, signal, token);
            if (asks) await bell.wait(document.hidden ? timing.ask * 5 : timing.ask, signal);
        }
    }

    /** Does what follows from an answer, whatever was asked. */
    async #settle(answer, failures, signal, token) {
        const { shelf, log, bell } = this.#parts;
        if (signal.aborted) return;
        if (answer.kind === 'unknown' && shelf.get('token') === token) {
            shelf.remove('token');
            log.restart();
        }
        this.#parts.changed();
        const isAnswered = answer.kind === 'done' || answer.kind === 'refused';
        // To have opened a conversation is no success yet: its token may not be known either.
        if (isAnswered && token) failures.count = 0;
        const pause = isAnswered ? undefined : failures.next();
        this.#tellTrouble(answer.after);
        // A token may be forgotten once. A server that forgets each is not to be flooded.
        if (answer.kind === 'unknown' && failures.count < 2) return;
        if (pause !== undefined) await bell.wait(answer.after ?? pause, signal, answer.after === undefined);
    }

    /** One failure is told of only if the browser knows the reason, or if it will be long. */
    #tellTrouble(after = 0) {
        const borne = navigator.onLine && after < timing.typing ? 1 : 0;
        this.#parts.trouble(Math.max(this.#sending.count, this.#hearing.count) > borne);
    }

    async #stream(token, signal) {
        const silence = new AbortController();
        this.#silence = silence;
        let timer;
        const watch = () => {
            this.#heardAt = Date.now();
            clearTimeout(timer);
            timer = setTimeout(() => silence.abort(), timing.silence);
        };
        watch();
        let brought = false;
        try {
            const until = AbortSignal.any([signal, silence.signal]);
            const answer = await this.#parts.server.stream(token, this.#parts.log.last, until);
            if (answer.response) {
                const reader = answer.response.body.getReader();
                const [decoder, parser] = [new TextDecoder(), new EventParser()];
                for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
                    brought = true;
                    watch();
                    this.#take(parser.feed(decoder.decode(piece.value, { stream: true })));
                }
            } else if (answer.kind !== 'done') {
                return answer;
            }
        } catch {
            // Cut, which is told from ended by nothing that matters: what was missed comes with the next stream.
        } finally {
            clearTimeout(timer);
        }
        if (silence.signal.aborted && !brought) this.#asksUntil = performance.now() + timing.asking;
        return { kind: 'later' };
    }

    async #ask(token, signal) {
        const answer = await this.#parts.server.ask(token, this.#parts.log.last, signal);
        if (answer.kind === 'done') {
            const { missed, replies } = answer.body;
            this.#heard([...(missed ? [{ missed }] : []), ...replies.map((reply) => ({ id: reply.id, reply }))]);
        }
        return answer;
    }

    /** Takes the events that came in one piece. */
    #take(events) {
        const told = events.map(({ name, id, data }) => ({ name, id, told: parsed(data) }));
        if (told.some(({ name }) => name === 'ready')) {
            this.#hearing.count = 0;
            this.#tellTrouble();
        }
        const isReply = ({ name, id, told: reply }) => name === 'reply' && id && reply;
        const news = told.flatMap((each) => {
            if (isReply(each)) return [{ id: each.id, reply: each.told }];
            return each.name === 'missed' ? [{ id: each.id, missed: each.told?.count ?? 1 }] : [];
        });
        this.#heard(news);
        // What was being written has come, unless something is written after it.
        if (told.findLastIndex(({ name }) => name === 'typing') > told.findLastIndex(isReply)) this.#parts.typing();
    }

    #heard(news) {
        if (news.length === 0) return;
        this.#parts.log.hear(news);
        this.#parts.replied();
    }
}

/**
 * Sees to it that one tab of this browser speaks to the server, and that it is one that is looked at.
 *
 * One, because browsers allow a server six connections, and a stream in each of seven tabs would leave none to say anything.
 * One that is looked at, because phones suspend the others. That two speak for a moment does no harm: messages have ids.
 */
class Lead {
    #name;
    #shelf;
    #channel;
    #work;
    #waiting = new AbortController();
    #term;
    #steals = false;
    #stopped = true;
    #pause = TURN;

    /** `work(signal)` is done while this tab speaks; `channel` is how tabs tell each other. */
    constructor(name, shelf, channel, work) {
        [this.#name, this.#shelf, this.#channel, this.#work] = [name, shelf, channel, work];
    }

    async start() {
        this.#stopped = false;
        while (!this.#stopped) await this.#wait();
    }

    stop() {
        this.#stopped = true;
        this.#waiting.abort();
        this.#term?.abort();
    }

    get leads() {
        return this.#term !== undefined;
    }

    /** This tab is looked at now: it asks for the lead, and takes it if the tab that has it gives no sign. */
    ask() {
        if (this.leads || this.#stopped) return;
        this.#channel.postMessage({ kind: 'hello' });
        clearTimeout(this.sign);
        this.sign = setTimeout(() => this.take(), timing.sign);
    }

    /** Takes the lead from whichever tab has it. */
    take() {
        if (this.leads || this.#stopped) return;
        this.#steals = true;
        this.#waiting.abort();
    }

    /** Drops what this tab is doing, and begins again. */
    renew() {
        this.#term?.abort();
    }

    /** Leaves the lead to another tab, which has time to take it. */
    leave() {
        this.#pause = timing.sign;
        this.renew();
    }

    /** Another tab that is looked at has asked. */
    asked() {
        if (!this.leads) return;
        this.#channel.postMessage({ kind: 'here' });
        if (document.hidden) this.#term.abort();
    }

    /** The tab that speaks has given a sign. */
    heard() {
        clearTimeout(this.sign);
    }

    async #wait() {
        this.#waiting = new AbortController();
        const { signal } = this.#waiting;
        const steals = this.#steals;
        this.#steals = false;
        const lead = () => this.#lead();
        try {
            if (!this.#shelf.shared) await lead();
            else if (!navigator.locks) await this.#lease(steals, signal, lead);
            else await navigator.locks.request(this.#name, steals ? { steal: true } : { signal }, lead);
        } catch (error) {
            // Another tab took the lead, or this one is to ask anew. A mistake of ours is not repeated at once.
            if (error.name !== 'AbortError') {
                reportError(error);
                this.#pause = timing.lastRetry;
            }
        }
        this.#term?.abort();
        await new Promise((resolve) => setTimeout(resolve, this.#pause));
        this.#pause = TURN;
    }

    async #lead() {
        if (this.#stopped) return;
        // It waits for no sign any more. A tab that is suspended meanwhile would otherwise find later that none has come.
        this.heard();
        const term = new AbortController();
        this.#term = term;
        term.signal.addEventListener('abort', () => {
            if (this.#term === term) this.#term = undefined;
        });
        this.#channel.postMessage({ kind: 'here' });
        await this.#work(term.signal);
    }

    /** Web Locks are for pages over https. Elsewhere a tab writes its name and a time, and looks whether its name stays. */
    async #lease(steals, signal, lead) {
        const [owner, bell] = [newId(), new Bell()];
        const holder = () => parsed(this.#shelf.get('lease')) ?? {};
        const write = () => this.#shelf.set('lease', JSON.stringify({ owner, until: Date.now() + timing.lease }));
        while (!steals && holder().until > Date.now()) {
            await bell.wait(timing.lease / 10, signal);
            if (signal.aborted) return;
        }
        write();
        await bell.wait(50 + Math.random() * 100, signal);
        if (holder().owner !== owner) return;
        const renewal = setInterval(() => (holder().owner === owner ? write() : this.#term?.abort()), timing.lease / 5);
        try {
            await lead();
        } finally {
            clearInterval(renewal);
            if (holder().owner === owner) this.#shelf.remove('lease');
        }
    }
}

/** The conversation of this browser with one server, as all of its tabs show it. Tells of `change`s. */
class Conversation extends EventTarget {
    trouble = false;
    #shelf;
    #outbox;
    #log;
    #bell = new Bell();
    #channel;
    #courier;
    #lead;
    #language;
    #took = false;
    #typingUntil = 0;
    #listening = new AbortController();

    constructor(src, language) {
        super();
        this.#language = language;
        this.#shelf = new Shelf(src);
        this.#log = new Log(this.#shelf);
        this.#outbox = new Outbox(this.#shelf, (characters) => this.#log.shrink(characters));
        this.#courier = new Courier({
            shelf: this.#shelf, outbox: this.#outbox, log: this.#log, server: new Server(src), bell: this.#bell,
            changed: () => {
                this.#tell({ kind: 'changed' });
                this.#giveBack();
            },
            replied: () => this.#tell({ kind: 'replied' }),
            typing: () => this.#tell({ kind: 'typing' }),
            trouble: (is) => is !== this.trouble && this.#tell({ kind: 'trouble', is }),
        });
        this.#channel = new BroadcastChannel(`flow-chat:${src}`);
        this.#lead = new Lead(`flow-chat:${src}`, this.#shelf, this.#channel, (signal) => this.#courier.work(signal));
    }

    start() {
        const { signal } = this.#listening;
        this.#channel.addEventListener('message', ({ data }) => this.#hear(data), { signal });
        // This event comes when the value is there to be read; a message on the channel may come before.
        const stored = (key) => this.#hear({ kind: this.#shelf.isSaid(key) ? 'said' : 'stored' });
        const written = (key) => {
            this.#shelf.overtaken(key);
            stored(key);
        };
        addEventListener('storage', ({ key }) => this.#shelf.owns(key) && written(key), { signal });
        addEventListener('online', () => this.#look(), { signal });
        addEventListener('offline', () => this.#reread(), { signal });
        document.addEventListener('visibilitychange', () => !document.hidden && this.#look(), { signal });
        this.#lead.start();
        if (!document.hidden) this.#lead.ask();
    }

    stop() {
        this.#listening.abort();
        this.#lead.stop();
        this.#channel.close();
    }

    /** Everything to show, in order; of a message of the visitor also its `state`: `sent`, `waiting` or `refused`. */
    get entries() {
        const [entries, waiting] = [this.#log.entries, this.#outbox.all()];
        const placed = new Set(entries.map(({ id }) => id));
        const unsent = waiting.filter(({ id }) => !placed.has(id));
        const ids = new Set(waiting.map(({ id }) => id));
        const state = ({ id, refused }) => (ids.has(id) ? 'waiting' : refused ? 'refused' : 'sent');
        const shown = [...entries, ...unsent.map(asEntry)];
        return shown.map((entry) => (entry.kind === 'mine' ? { ...entry, state: state(entry) } : entry));
    }

    /** So many replies have come since the visitor last looked, in whichever tab. */
    get unread() {
        const replies = this.#log.entries.filter(({ kind }) => kind === 'reply');
        return replies.length - 1 - replies.findLastIndex(({ id }) => id === this.#shelf.get('read'));
    }

    /** The visitor sees all there is. */
    look() {
        const last = this.#log.entries.findLast(({ kind }) => kind === 'reply');
        if (last && this.#shelf.get('read') !== last.id) this.#shelf.set('read', last.id);
    }

    get typing() {
        // Not by the clock of the day, which may be put right meanwhile.
        return performance.now() < this.#typingUntil;
    }

    say(text) {
        this.#put({ text });
    }

    press({ press, label }) {
        this.#put({ press, label });
    }

    forget() {
        this.#tell({ kind: 'forgotten' });
    }

    #put(message) {
        const isSeen = this.#outbox.put({ ...message, language: this.#language() });
        // What no other tab sees is said by this one.
        if (!isSeen && !this.#lead.leads) {
            this.#took = true;
            this.#lead.take();
        }
        this.#tell({ kind: 'said' });
    }

    /** A tab that has spoken for itself, because there was no room, leaves the lead to one that can write down what it hears. */
    #giveBack() {
        if (!this.#took || this.#shelf.holdsAlone('out:')) return;
        this.#took = false;
        this.#lead.leave();
    }

    /** Tells this tab and the others. */
    #tell(told) {
        if (this.#listening.signal.aborted) return;
        this.#channel.postMessage(told);
        this.#hear(told);
    }

    #hear({ kind, is }) {
        if (kind === 'forgotten') {
            // Each tab does it, since the one that speaks may just have written something.
            this.#lead.renew();
            this.#shelf.clear();
        }
        if (kind === 'hello') this.#lead.asked();
        if (kind === 'hello' && this.#lead.leads) this.#channel.postMessage({ kind: 'trouble', is: this.trouble });
        if (kind === 'here') this.#lead.heard();
        if (kind === 'trouble') this.trouble = is;
        if (kind === 'replied') this.#typingUntil = 0;
        if (kind === 'typing') {
            this.#typingUntil = performance.now() + timing.typing;
            setTimeout(() => this.#reread(), timing.typing + 10);
        }
        // What another tab has said is to be sent by the one that speaks. Its own doings are no reason to hurry.
        if (kind === 'said') this.#bell.ring();
        this.#reread();
    }

    /** The visitor is back, or the network. */
    #look() {
        this.#lead.ask();
        this.#courier.wake();
        this.#bell.ring();
        this.#reread();
    }

    #reread() {
        this.dispatchEvent(new Event('change'));
    }
}

/** What is seen: builds the elements once, and brings them in line with what is to be shown. */
class View {
    #words;
    #map;
    #ofToday;
    #ofAnotherDay;
    #do;
    #shown = new Map();
    #atEnd = true;
    #size;

    /** `act`: what to do on `say(text)`, `press(button)`, `toggle(open)`. */
    constructor({ words, heading, map, greeting, starters, inline, lang }, act) {
        [this.#words, this.#map, this.#do] = [words, map, act];
        const clock = { hour: '2-digit', minute: '2-digit' };
        this.#ofToday = new Intl.DateTimeFormat(lang, clock);
        this.#ofAnotherDay = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', ...clock });
        const word = (name) => words[name];
        this.badge = make('span', { class: 'badge', 'aria-hidden': 'true' });
        this.launcher = make(
            'button',
            { class: 'launcher', type: 'button', 'aria-haspopup': 'dialog', click: () => act.toggle(true) },
            icon(ICONS.chat),
            this.badge,
        );
        this.greeting = make('div', { class: 'first' });
        if (greeting) this.greeting.append(this.#bubble('reply', greeting));
        const starts = starters.map((text) => this.#button({ label: text }, () => act.say(text)));
        const group = { class: 'buttons', role: 'group', 'aria-label': word('answers') };
        if (starts.length) this.greeting.append(make('div', group, ...starts));
        const dots = [make('i'), make('i'), make('i')];
        // It comes and goes within the log, and is no news.
        this.typing = make('div', { class: 'typing', role: 'img', 'aria-live': 'off', 'aria-label': word('typing') }, ...dots);
        this.entries = make('div', { class: 'entries' });
        this.log = make(
            'div',
            { class: 'log', role: 'log', 'aria-relevant': 'additions', 'aria-label': word('log'), tabindex: '0' },
            this.greeting, this.entries, this.typing,
        );
        this.log.addEventListener('scroll', () => this.#scrolled());
        new ResizeObserver(() => this.#scrolled()).observe(this.log);
        this.latest = make('button', { class: 'latest', type: 'button', click: () => this.toEnd() }, word('latest'));
        this.notice = make('p', { class: 'notice', role: 'status' });
        const close = make('button', { class: 'close', type: 'button', 'aria-label': word('close') }, icon(ICONS.close));
        close.addEventListener('click', () => act.toggle(false));
        const head = make('header', {}, make('h2', { id: 'heading' }, heading ?? word('heading')), inline ? '' : close);
        const form = this.#form();
        this.panel = make(
            'section',
            { class: 'panel', role: inline ? 'region' : 'dialog', 'aria-labelledby': 'heading', lang, tabindex: '-1' },
            head, this.notice, this.log, this.latest, form,
        );
        this.panel.addEventListener('keydown', (event) => {
            if (event.key === 'Escape' && !inline) act.toggle(false);
        });
        this.elements = inline ? [this.panel] : [this.panel, this.launcher];
        // What was said before is no news to a screen reader.
        this.log.setAttribute('aria-busy', 'true');
        setTimeout(() => this.log.setAttribute('aria-busy', 'false'), 500);
    }

    #form() {
        const { input, send } = this.#words;
        this.input = make('textarea', { id: 'input', rows: '1', autocomplete: 'off', enterkeyhint: 'send', placeholder: input });
        this.input.addEventListener('keydown', (event) => {
            // While a word is being composed, Enter chooses it.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            this.#say();
        });
        const button = make('button', { class: 'send', type: 'submit', 'aria-label': send }, icon(ICONS.send));
        const form = make('form', {}, make('label', { for: 'input', class: 'unseen' }, input), this.input, button);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#say();
        });
        return form;
    }

    render({ entries, typing, trouble, unread, open }) {
        const words = this.#words;
        this.panel.hidden = !open;
        this.launcher.hidden = open;
        this.launcher.setAttribute('aria-label', words.open + (unread ? `, ${words.unread.replace('{count}', unread)}` : ''));
        this.badge.textContent = unread ? Math.min(unread, 99) : '';
        this.badge.hidden = !unread;
        // A browser without a network may well reach a server of its own machine.
        setText(this.notice, trouble ? (navigator.onLine ? words.trouble : words.offline) : '');
        this.notice.hidden = !this.notice.textContent;
        this.typing.hidden = !typing;
        for (const button of this.greeting.querySelectorAll('button')) button.hidden = entries.length > 0;
        this.#place(entries);
        if (this.#atEnd && open) this.toEnd();
    }

    toEnd() {
        this.log.scrollTop = this.log.scrollHeight;
        this.#scrolled();
    }

    #scrolled() {
        // A panel that is hidden has no height, and says nothing of where the visitor was.
        if (this.panel.hidden) return;
        const size = `${this.log.clientWidth} ${this.log.clientHeight}`;
        const isResized = size !== this.#size;
        this.#size = size;
        // A keyboard that comes up, or a phone that is turned, is no visitor who goes further up.
        if (isResized && this.#atEnd) this.log.scrollTop = this.log.scrollHeight;
        this.#atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
        this.latest.hidden = this.#atEnd;
    }

    #say() {
        const text = this.input.value.trim();
        if (!text) return;
        this.input.value = '';
        this.#atEnd = true;
        this.#do.say(text);
        this.input.focus();
    }

    /** Only what is new is inserted, so that a screen reader hears nothing twice. */
    #place(entries) {
        const closes = ({ kind, state }) => (kind === 'mine' && state !== 'refused') || kind === 'restarted';
        const lastSaid = entries.findLastIndex(closes);
        const ids = new Set(entries.map(({ id }) => id));
        for (const [id, element] of this.#shown) {
            if (ids.has(id)) continue;
            element.remove();
            this.#shown.delete(id);
        }
        entries.forEach((entry, index) => {
            if (!this.#shown.has(entry.id)) this.#shown.set(entry.id, this.#entry(entry));
            const element = this.#shown.get(entry.id);
            const there = this.entries.children[index];
            if (there !== element) this.entries.insertBefore(element, there ?? null);
            // A question that has been answered takes no other answer, and shows the one that it got.
            const answer = entry.buttons && entries.slice(index).find(({ kind }) => kind === 'mine')?.press;
            element.querySelectorAll('button').forEach((button, place) => {
                button.disabled = index < lastSaid;
                button.classList.toggle('pressed', answer !== undefined && entry.buttons[place].press === answer);
            });
            if (entry.kind === 'mine') this.#state(element, entry);
            // What was said today is not of today for ever.
            if (entry.kind === 'reply') setText(element.lastChild, this.#time(entry.at));
            if (index > this.#count && entry.kind === 'mine') this.#atEnd = true;
        });
        this.#count = entries.length - 1;
    }
    #count = -1;

    #entry(entry) {
        const words = this.#words;
        if (entry.kind === 'missed') return make('p', { class: 'note' }, words.missed.replace('{count}', entry.count));
        if (entry.kind === 'restarted') return make('p', { class: 'note' }, words.restarted);
        const element = this.#bubble(entry.kind, entry.text);
        const meta = element.lastChild;
        if (entry.attachment) meta.before(this.#attachment(entry.attachment));
        if (entry.link) meta.before(this.#linked(entry.link));
        if (entry.buttons?.length) {
            const buttons = entry.buttons.map((button) => this.#button(button, () => this.#do.press(button)));
            const many = buttons.length > 3 ? ' list' : '';
            meta.before(make('div', { class: `buttons${many}`, role: 'group', 'aria-label': words.answers }, ...buttons));
        }
        return element;
    }

    #bubble(kind, text) {
        const who = make('span', { class: 'unseen' }, `${kind === 'mine' ? this.#words.you : this.#words.them}: `);
        const bubble = text ? make('div', { class: 'bubble', dir: 'auto' }, ...withLinks(text)) : '';
        return make('div', { class: `entry ${kind}` }, who, bubble, make('div', { class: 'meta' }));
    }

    #button(button, press) {
        const element = make('button', { type: 'button', dir: 'auto' }, plain(button.label));
        element.addEventListener('click', () => {
            // A button that is not to be pressed again loses the focus of the keyboard to the input; a tap opens no keyboard.
            const byKeyboard = element.matches(':focus-visible');
            press();
            (byKeyboard ? this.input : this.panel).focus({ preventScroll: true });
        });
        return element;
    }

    #attachment(attachment) {
        if (attachment.kind === 'contact') return this.#contact(attachment);
        if (attachment.kind === 'place') return this.#mapped(attachment);
        const words = this.#words;
        const isImage = attachment.kind === 'image';
        const { url, name = isImage ? words.image : words.file } = attachment;
        const address = webAddress(url) ?? (isImage ? pictureItself(url) : undefined);
        if (!isImage || !address) return this.#card(address, ICONS.file, name, isImage ? words.image : words.file);
        const image = make('img', { src: address, alt: name, loading: 'lazy', referrerpolicy: 'no-referrer' });
        const shown = address.startsWith('data:') ? image : link(address, { class: 'image' }, image);
        image.addEventListener('load', () => this.#atEnd && this.toEnd());
        const instead = () => this.#card(webAddress(url), ICONS.file, name, words.image);
        image.addEventListener('error', () => shown.replaceWith(instead()));
        return shown;
    }

    #mapped({ latitude, longitude, label }) {
        const words = this.#words;
        if (latitude === undefined) return this.#card(undefined, ICONS.place, label ?? words.place, '');
        const map = webAddress(this.#map.replaceAll('{latitude}', latitude).replaceAll('{longitude}', longitude));
        const there = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
        return this.#card(map, ICONS.place, label ?? there, map ? words.map : words.place);
    }

    #linked(address) {
        const leads = webAddress(address) ?? handedOn(address);
        // Of an address the visitor is to see where it leads, and no more: what stands behind that is long, and perhaps a secret.
        const place = leads && (new URL(leads).host || new URL(leads).pathname);
        return this.#card(leads, ICONS.link, place ?? address, leads ? this.#words.link : '');
    }

    #contact({ name, phones, emails }) {
        const words = this.#words;
        const way = (written, address) =>
            make('span', { dir: 'ltr' }, address ? link(address, {}, plain(written)) : plain(written));
        const called = phones.map((phone) => way(phone, phoneAddress(phone)));
        const written = emails.map((mail) => way(mail, mailAddress(mail)));
        const inside = make('span', {}, make('b', { dir: 'auto' }, plain(name ?? words.contact)), ...called, ...written);
        const label = name ? `${words.contact}: ${name}` : words.contact;
        return make('div', { class: 'card', role: 'group', 'aria-label': label }, icon(ICONS.contact), inside);
    }

    #card(address, picture, title, hint) {
        const inside = [icon(picture), make('span', {}, make('b', { dir: 'auto' }, plain(title)), ' ', make('small', {}, hint))];
        return address ? link(address, { class: 'card' }, ...inside) : make('div', { class: 'card' }, ...inside);
    }

    #state(element, { state, refused, at }) {
        const words = this.#words;
        element.classList.toggle('refused', state === 'refused');
        element.classList.toggle('waiting', state === 'waiting');
        const waits = navigator.onLine ? words.waiting : words.kept;
        const isRefused = refused === 'too_large' ? words.too_large : words.refused;
        setText(element.lastChild, { waiting: waits, refused: isRefused, sent: this.#time(at) }[state]);
    }

    #time(at) {
        const time = new Date(at ?? NaN);
        if (Number.isNaN(time.getTime())) return '';
        return (time.toDateString() === new Date().toDateString() ? this.#ofToday : this.#ofAnotherDay).format(time);
    }
}

/** The element. */
class FlowChat extends HTMLElement {
    static observedAttributes = ['src', 'heading', 'greeting', 'starters', 'lang', 'texts', 'map', 'open', 'inline'];
    #conversation;
    #view;
    #texts;
    #unread = 0;
    #living;
    #early = [];

    constructor() {
        super();
        this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [style];
    }

    /** Words of one's own, over those of the language. */
    get texts() {
        return { ...parsed(this.getAttribute('texts')), ...this.#texts };
    }

    set texts(texts) {
        this.#texts = texts;
        if (this.#conversation) this.#build();
    }

    /** Whether the conversation is shown. */
    get open() {
        return this.#isOpen;
    }

    set open(open) {
        this.toggleAttribute('open', Boolean(open));
    }

    /** How many replies the visitor has not seen. */
    get unread() {
        return this.#unread;
    }

    show() {
        this.toggleAttribute('open', true);
    }

    hide() {
        this.toggleAttribute('open', false);
    }

    /** Says something as if the visitor had written it; where the element is on no page, once it is. */
    say(text) {
        const said = String(text ?? '').trim();
        if (!said) return;
        if (this.#conversation) this.#conversation.say(said);
        else this.#early.push(said);
    }

    /** Forgets the conversation, what was not sent yet too. What the server keeps of it is the server's. */
    forget() {
        this.#conversation?.forget();
    }

    connectedCallback() {
        this.#living = new AbortController();
        const { signal } = this.#living;
        document.addEventListener('visibilitychange', () => this.#render(), { signal });
        // A page that is put aside and comes back later as it was: it must not speak meanwhile.
        addEventListener('pagehide', () => this.#conversation?.stop(), { signal });
        addEventListener('pageshow', ({ persisted }) => persisted && this.#begin(), { signal });
        // What the page gave it before this module had come stands in the way of what it would do.
        if (Object.hasOwn(this, 'texts')) {
            this.#texts = this.texts;
            delete this.texts;
        }
        if (this.#remembered !== undefined) this.toggleAttribute('open', this.#remembered);
        this.#begin();
        for (const text of this.#early.splice(0)) this.#conversation.say(text);
    }

    disconnectedCallback() {
        this.#living.abort();
        this.#conversation.stop();
        this.#conversation = undefined;
    }

    attributeChangedCallback(name, before, now) {
        if (!this.#conversation || before === now) return;
        if (name === 'src') {
            this.#conversation.stop();
            this.#begin();
        } else if (name === 'open') {
            this.#opened();
        } else {
            this.#build();
        }
    }

    get #src() {
        const src = this.getAttribute('src');
        return new URL(src === null ? new URL('.', import.meta.url) : src, document.baseURI).href.replace(/\/+$/u, '');
    }

    /** A language as browsers know it: `en_US` is none, and would be an error each time that something is shown. */
    get #lang() {
        try {
            return Intl.getCanonicalLocales(this.lang.replaceAll('_', '-'))[0];
        } catch {
            return navigator.language || 'en';
        }
    }

    get #isOpen() {
        return this.hasAttribute('open') || this.hasAttribute('inline');
    }

    /** What the visitor opened or closed stays so on the next page of this tab. */
    get #remembered() {
        try {
            return parsed(sessionStorage.getItem(`flow-chat:${this.#src}:open`));
        } catch {
            return undefined;
        }
    }

    set #remembered(open) {
        try {
            sessionStorage.setItem(`flow-chat:${this.#src}:open`, JSON.stringify(open));
        } catch {
            // Then the next page decides.
        }
    }

    #begin() {
        this.#conversation = new Conversation(this.#src, () => this.#lang);
        this.#conversation.addEventListener('change', () => this.#render());
        this.#build();
        this.#conversation.start();
    }

    #build() {
        const draft = this.#view?.input.value ?? '';
        const [lang, language] = [this.#lang, this.#lang.split('-')[0]];
        const options = {
            words: { ...(TEXTS[language] ?? TEXTS.en), ...this.texts },
            heading: this.getAttribute('heading') ?? undefined,
            greeting: this.getAttribute('greeting'),
            starters: this.getAttribute('starters')?.split('|').map((text) => text.trim()).filter(Boolean) ?? [],
            map: this.getAttribute('map') ?? MAP,
            inline: this.hasAttribute('inline'),
            lang: TEXTS[language] ? lang : 'en',
        };
        this.#view = new View(options, {
            say: (text) => this.#conversation.say(text),
            press: (button) => this.#conversation.press(button),
            toggle: (open) => this.toggleAttribute('open', open),
        });
        this.shadowRoot.replaceChildren(...this.#view.elements);
        this.#view.input.value = draft;
        this.#render();
    }

    #opened() {
        const open = this.#isOpen;
        this.#remembered = open;
        this.#render();
        // A touch screen would cover half of the chat with its keyboard.
        const first = matchMedia('(pointer: coarse)').matches ? this.#view.panel : this.#view.input;
        (open ? first : this.#view.launcher).focus({ preventScroll: true });
        if (open) this.#view.toEnd();
        this.#notify('flow-chat-open', { open });
    }

    #render() {
        const [conversation, open] = [this.#conversation, this.#isOpen];
        if (!conversation) return;
        if (open && !document.hidden) conversation.look();
        const { entries, typing, trouble, unread } = conversation;
        this.#view.render({ entries, typing, trouble, unread, open });
        if (unread === this.#unread) return;
        this.#unread = unread;
        if (this.hasAttribute('title-mark')) {
            document.title = (unread ? `(${unread}) ` : '') + document.title.replace(/^\(\d+\) /u, '');
        }
        this.#notify('flow-chat-unread', { count: unread });
    }

    #notify(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
    }
}

function headers(token, accept = 'application/json') {
    return token ? { Accept: accept, Authorization: `Bearer ${token}` } : { Accept: accept };
}

function within(milliseconds, signal) {
    return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}

/** How long the server wants not to be asked, given as seconds or as a date. */
function retryAfter(response) {
    const told = response.headers.get('retry-after');
    if (!told) return undefined;
    // A date is one by the server's clock.
    const now = Date.parse(response.headers.get('date')) || Date.now();
    const pause = Number.isNaN(Number(told)) ? Date.parse(told) - now : Number(told) * 1000;
    return Number.isNaN(pause) ? undefined : Math.min(Math.max(pause, 0), 3_600_000);
}

/** 128 random bits. `crypto.randomUUID` is for pages over https alone. */
function newId() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function parsed(json) {
    try {
        return JSON.parse(json) ?? undefined;
    } catch {
        return undefined;
    }
}

function isEntry(entry) {
    return typeof entry?.id === 'string' && ['mine', 'reply', 'missed', 'restarted'].includes(entry.kind);
}

/** The last half of a list. */
function half(list) {
    return list.slice(Math.ceil(list.length / 2));
}

/** A reply as the log has it. What was once written there is shown each time, so that nothing may be there that cannot be. */
function asReply({ text, buttons, link: address, attachment, at }) {
    return {
        text: asText(text),
        buttons: Array.isArray(buttons) ? buttons.filter((each) => asText(each?.label) && asText(each?.press)) : undefined,
        link: asText(address),
        attachment: attachment?.kind ? asAttachment(attachment) : undefined,
        at,
    };
}

function asAttachment({ kind, url, name, label, latitude, longitude, phones, emails }) {
    const texts = (values) => (Array.isArray(values) ? values.filter(asText) : []);
    const isWithin = (value, most) => Number.isFinite(value) && Math.abs(value) <= most;
    const isThere = isWithin(latitude, 90) && isWithin(longitude, 180);
    if (kind === 'place') return { kind, label: asText(label), ...(isThere && { latitude, longitude }) };
    if (kind === 'contact') return { kind, name: asText(name), phones: texts(phones), emails: texts(emails) };
    return { kind: kind === 'image' ? kind : 'file', url: asText(url), name: asText(name) ?? asText(label) };
}

function asText(value) {
    return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A message of the visitor as the log has it. */
function asEntry({ id, text, press, label, at }) {
    return { kind: 'mine', id, text: label ?? text, press, at };
}

/** An element; an attribute that is a function listens to the event of its name. */
function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') element.addEventListener(name, value);
        else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
}

/** A text that is set anew is news to a screen reader, also if it is the same. */
function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** A link; one that leads to the web opens beside the page. */
function link(address, attributes, ...children) {
    const beside = address.startsWith('http') ? { target: '_blank' } : {};
    return make('a', { ...attributes, ...beside, href: address, rel: 'noopener noreferrer' }, ...children);
}

function icon(path) {
    const [svg, line] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
}

/** The address, if it leads to the web, and to where it seems to: with a name before the host it could pretend to be another. */
function webAddress(address) {
    if (!address || !URL.canParse(address, document.baseURI)) return undefined;
    const { protocol, username, password, href } = new URL(address, document.baseURI);
    return ['http:', 'https:'].includes(protocol) && !username && !password ? href : undefined;
}

/** The address, if it is a picture, and one that runs nothing. */
function pictureItself(address) {
    return /^data:image\/(?:png|jpeg|gif|webp|avif);/u.test(address) ? address : undefined;
}

/** The address, if it is one of a phone or of a mailbox. */
function handedOn(address) {
    if (!URL.canParse(address)) return undefined;
    // Without what stands behind a `?`, which would be written into the letter, perhaps as one who gets it too.
    const { protocol, pathname } = new URL(address);
    if (protocol === 'tel:') return phoneAddress(pathname);
    return protocol === 'mailto:' && /^[^,]+@[^,]+$/u.test(pathname) ? `mailto:${pathname}` : undefined;
}

function phoneAddress(phone) {
    const digits = phone.replace(/[\s().\/-]/gu, '');
    return /^\+?\d{3,20}$/u.test(digits) ? `tel:${digits}` : undefined;
}

/** One mailbox, whatever letters its name has. */
function mailAddress(mail) {
    const [, name, host] = /^([^\s@<>]+)@([^\s<>]+)$/u.exec(mail) ?? [];
    return host && `mailto:${encodeURIComponent(name)}@${encodeURIComponent(host)}`;
}

/** A name without the characters that turn the direction round, by which `fdp.exe` would be shown as `exe.pdf`. */
function plain(name) {
    return name.replace(/[\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** The text in pieces, of which addresses of the web are links. */
function withLinks(text) {
    // Punctuation at the end belongs to the sentence.
    return text.split(/(https?:\/\/[^\s<>"\p{C}]*[^\s<>".,;:!?'()[\]{}\p{C}])/u).map((piece, index) => {
        const address = index % 2 ? webAddress(piece) : undefined;
        return address ? link(address, { dir: 'ltr' }, piece) : piece;
    });
}

const style = new CSSStyleSheet();
style.replaceSync(`
:host {
    --accent: var(--flow-chat-accent, light-dark(#2f5bd8, #8fa8ff));
    --paper: var(--flow-chat-background, light-dark(#ffffff, #17191f));
    --surface: var(--flow-chat-surface, light-dark(#f1f3f7, #262a34));
    --ink: var(--flow-chat-text, light-dark(#1c2130, #eceef4));
    --muted: var(--flow-chat-muted, light-dark(#596072, #a6adbd));
    --line: var(--flow-chat-line, light-dark(#dfe3ea, #363b48));
    --alarm: light-dark(#b3261e, #ffb4ab);
    --radius: var(--flow-chat-radius, 18px);
    --head: var(--flow-chat-head, light-dark(var(--accent), var(--surface)));
    /* Black or white, by the luminance of what is behind: one of them is always readable on it. */
    --on-accent: color(
        from var(--accent) xyz-d65
        clamp(0, (0.179 - y) * 10000, 0.9505) clamp(0, (0.179 - y) * 10000, 1) clamp(0, (0.179 - y) * 10000, 1.089)
    );
    --on-head: color(
        from var(--head) xyz-d65
        clamp(0, (0.179 - y) * 10000, 0.9505) clamp(0, (0.179 - y) * 10000, 1) clamp(0, (0.179 - y) * 10000, 1.089)
    );
    color-scheme: light dark;
    position: fixed;
    inset: auto var(--flow-chat-gap, 20px) var(--flow-chat-gap, 20px) auto;
    z-index: 2147483000;
    font: 15px/1.45 var(--flow-chat-font, system-ui, sans-serif);
    color: var(--ink);
}
:host([theme='light']) { color-scheme: light; }
:host([theme='dark']) { color-scheme: dark; }
:host([inline]) { position: relative; inset: auto; z-index: auto; display: block; height: 100%; }
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.panel:focus, .log:focus:not(:focus-visible) { outline: none; }
svg {
    width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round;
    stroke-linejoin: round; flex: none;
}
.unseen {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}

.launcher {
    position: relative; display: grid; place-items: center; width: 58px; height: 58px;
    margin-inline-start: auto; border-radius: 50%; background: var(--accent); color: var(--on-accent);
    box-shadow: 0 6px 24px rgb(0 0 0 / 25%);
}
.launcher svg { width: 26px; height: 26px; }
.launcher:focus-visible { outline-offset: 3px; }
.badge {
    position: absolute; inset: -3px -3px auto auto; min-width: 22px; height: 22px; padding-inline: 6px;
    border-radius: 11px; border: 2px solid var(--paper); background: #b3261e; color: #fff; font-size: 12px;
    font-weight: 600; line-height: 18px; text-align: center;
}

.panel {
    position: relative; display: flex; flex-direction: column; overflow: hidden; background: var(--paper);
    border: 1px solid var(--line); border-radius: var(--radius);
    width: var(--flow-chat-width, min(384px, calc(100vw - 40px)));
    height: var(--flow-chat-height, min(640px, calc(100dvh - 2 * var(--flow-chat-gap, 20px))));
    box-shadow: 0 12px 48px rgb(0 0 0 / 22%);
}
:host([inline]) .panel { width: 100%; height: 100%; border: 0; border-radius: 0; box-shadow: none; }
header {
    display: flex; align-items: center; gap: 12px; min-height: 60px; padding-block: 10px; padding-inline: 20px 12px;
    background: var(--head); color: var(--on-head);
    border-block-end: 1px solid light-dark(transparent, var(--line));
}
h2 { flex: 1; margin: 0; font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
.close { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; }
.close:hover { background: color-mix(in srgb, currentcolor 14%, transparent); }
header :focus-visible { outline-color: currentcolor; }
.notice {
    margin: 0; padding: 8px 20px; background: var(--surface); border-block-end: 1px solid var(--line);
    font-size: 13px;
}

.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 20px 16px 8px; }
.log:focus-visible { outline-offset: -3px; }
.entries, .first { display: flex; flex-direction: column; }
.entry {
    display: flex; flex-direction: column; align-items: flex-start; gap: 6px; max-width: 100%;
    margin-block-end: 10px;
}
.entry.mine { align-items: flex-end; }
.bubble {
    max-width: 85%; padding: 9px 14px; border-radius: var(--radius); background: var(--surface);
    white-space: pre-wrap; overflow-wrap: anywhere;
}
/* A hundred marks upon one letter are painted over no other message. */
.bubble, .card, .buttons button { overflow: clip; }
.reply .bubble { border-end-start-radius: 5px; }
.mine .bubble { border-end-end-radius: 5px; background: var(--accent); color: var(--on-accent); }
.mine.waiting .bubble {
    background: var(--paper); color: var(--ink); border: 1px dashed var(--muted); padding: 8px 13px;
}
.mine.refused .bubble {
    background: var(--paper); color: var(--ink); border: 1px solid var(--alarm); padding: 8px 13px;
}
.bubble a, .card a { color: inherit; text-underline-offset: 2px; }
.meta { padding-inline: 6px; color: var(--muted); font-size: 12px; line-height: 1.3; }
.meta:empty, .reply:has(+ .reply) > .meta, .mine:not(.waiting, .refused):has(+ .mine:not(.waiting, .refused)) > .meta {
    display: none;
}
.refused .meta { color: var(--alarm); }
.note {
    margin: 6px auto 16px; padding-inline: 20px; text-align: center; color: var(--muted); font-size: 13px;
}

.buttons { display: flex; flex-wrap: wrap; gap: 8px; max-width: 100%; }
.first .buttons { margin-block-end: 10px; }
.buttons button {
    min-height: 40px; padding: 7px 16px; border: 1.5px solid var(--accent); border-radius: 20px;
    background: var(--paper); text-align: start; overflow-wrap: anywhere;
}
.buttons button:hover:enabled { background: var(--accent); color: var(--on-accent); }
.buttons button:disabled { cursor: default; border-color: var(--line); color: var(--muted); }
.buttons button.pressed { background: var(--surface); border-color: var(--muted); color: var(--ink); }
.buttons button.pressed::before { content: '✓ ' / ''; }
.buttons.list {
    flex-direction: column; flex-wrap: nowrap; gap: 0; align-self: stretch; max-width: 420px;
    margin-inline-end: 15%; border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden auto;
    /* Seven and a bit: that there are more is seen, and so is the question. */
    max-height: min(325px, 45dvh);
}
.list button { min-height: 44px; border: 0; border-radius: 0; }
.list button + button { border-block-start: 1px solid var(--line); }
.list :focus-visible { outline-offset: -3px; }

.image { display: block; max-width: 85%; }
img {
    display: block; max-width: 100%; max-height: 260px; border-radius: var(--radius);
    border: 1px solid var(--line);
}
.card {
    display: flex; align-items: center; gap: 12px; max-width: 85%; padding: 10px 16px 10px 12px;
    border: 1px solid var(--line); border-radius: var(--radius); color: inherit; text-decoration: none;
}
a.card:hover { background: var(--surface); }
.card span { display: flex; flex-direction: column; min-width: 0; overflow-wrap: anywhere; }
.card b { font-weight: 600; overflow-wrap: anywhere; }
.card span a { display: inline-block; padding-block: 2px; overflow-wrap: anywhere; }
.card small:empty { display: none; }
.card small { color: var(--muted); font-size: 13px; }

.typing {
    display: flex; gap: 5px; width: fit-content; margin-block-end: 10px; padding: 14px 16px;
    border-radius: var(--radius); border-end-start-radius: 5px; background: var(--surface);
}
.typing i {
    width: 7px; height: 7px; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite;
}
.typing i:nth-child(2) { animation-delay: 0.15s; }
.typing i:nth-child(3) { animation-delay: 0.3s; }
@keyframes dot { 0%, 60%, 100% { transform: none; } 30% { transform: translateY(-5px); } }
.latest {
    position: absolute; inset: auto 0 76px; width: fit-content; margin-inline: auto; padding: 6px 14px;
    border-radius: 16px; background: var(--ink); color: var(--paper); font-size: 13px;
}

form {
    display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px 12px;
    border-block-start: 1px solid var(--line);
}
textarea {
    flex: 1; min-width: 0; min-height: 42px; max-height: 130px; padding: 9px 14px; resize: none;
    field-sizing: content; border: 1px solid var(--muted); border-radius: 21px; background: var(--paper);
    font-size: 16px; line-height: 22px;
}
textarea::placeholder { color: var(--muted); opacity: 1; }
textarea:focus-visible { outline: 2px solid var(--accent); outline-offset: 0; border-color: var(--accent); }
.send {
    display: grid; place-items: center; width: 42px; height: 42px; border-radius: 50%;
    background: var(--accent); color: var(--on-accent); flex: none;
}
.send:dir(rtl) svg { transform: scaleX(-1); }

@media (max-width: 480px) {
    :host([open]:not([inline])) { inset: 0; }
    :host([open]:not([inline])) .panel { width: 100%; height: 100%; border: 0; border-radius: 0; }
}
@media (prefers-reduced-motion: no-preference) {
    .panel { animation: rise 0.16s ease-out; }
    .launcher { transition: transform 0.15s; }
    .launcher:hover { transform: scale(1.05); }
    @keyframes rise { from { opacity: 0; transform: translateY(10px); } }
}
@media (prefers-reduced-motion: reduce) {
    .typing i { animation: none; }
}
@media (forced-colors: active) {
    .bubble, .launcher, .send, .typing, .latest { border: 1px solid; }
    .typing i { background: CanvasText; }
}
`);

// A page may load the module twice, by two addresses.
if (!customElements.get('flow-chat')) customElements.define('flow-chat', FlowChat);
