// What the wall chart does while it hangs: it says when it was refreshed, keeps its place, and fills the screen.
"use strict";
(() => {
	const refreshed = document.querySelector("[data-refreshed]");
	const button = document.querySelector("[data-fullscreen]");
	const root = document.documentElement;

	const clock = () => new Date().toLocaleTimeString("zh-CN", { hour12: false });
	let last = clock();
	const say = (words, stale) => {
		refreshed.ariaLive = stale ? "polite" : "off"; // nobody wants to hear each minute that all is well
		refreshed.classList.toggle("stale", stale);
		refreshed.textContent = words;
	};
	const fresh = () => {
		last = clock();
		say("刷新于 " + last + "，每分钟自动刷新", false);
	};
	const stale = () => say("暂时无法刷新，仍是 " + last + " 的情况", true);
	fresh();

	const ours = (event) => event.detail.target?.id === "board" || event.detail.elt?.id === "board";
	const places = new Map();
	document.addEventListener("htmx:beforeSwap", (event) => {
		if (!ours(event)) return;
		if (event.detail.xhr.status !== 200) { // what hangs is better than a page that says why there is nothing new
			event.detail.shouldSwap = false;
			stale();
			return;
		}
		document.querySelectorAll("[data-keep]").forEach((e) => places.set(e.dataset.keep, [e.scrollLeft, e.scrollTop]));
	});
	document.addEventListener("htmx:afterSwap", (event) => {
		if (!ours(event)) return;
		document.querySelectorAll("[data-keep]").forEach((e) => {
			const [left, top] = places.get(e.dataset.keep) ?? [0, 0];
			e.scrollLeft = left;
			e.scrollTop = top;
		});
		fresh();
	});
	["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, (event) => { if (ours(event)) stale(); }));

	button.hidden = !document.fullscreenEnabled;
	button.addEventListener("click", () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
	document.addEventListener("fullscreenchange", () => { button.textContent = document.fullscreenElement ? "退出全屏" : "全屏"; });
})();
