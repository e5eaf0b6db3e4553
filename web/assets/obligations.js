// The list of obligations: all that can be nudged are ticked by one box, and the button says how many are ticked.
"use strict";
(() => {
	const most = 50;
	const list = document.getElementById("list");
	const boxes = () => [...list.querySelectorAll("[data-pick]")];
	const show = () => {
		const button = list.querySelector("[data-picked]");
		if (!button) return;
		const all = boxes();
		const n = all.filter((b) => b.checked).length;
		button.disabled = n === 0 || n > most;
		button.textContent = n > 0 ? `催问所选 ${n} 件` : "催问所选";
		const whole = list.querySelector("[data-pick-all]");
		if (!whole) return;
		whole.hidden = all.length === 0;
		whole.checked = n > 0 && n === all.length;
		whole.indeterminate = n > 0 && n < all.length;
	};
	list.addEventListener("change", (event) => {
		if (event.target.matches("[data-pick-all]")) boxes().forEach((b) => { b.checked = event.target.checked; });
		show();
	});
	// A small screen begins with the list, not with all that it can be filtered by.
	const more = document.querySelector("[data-more]");
	if (more) {
		const fields = document.getElementById("more");
		const fold = (open) => { fields.classList.toggle("folded", !open); more.setAttribute("aria-expanded", String(open)); };
		more.hidden = false;
		more.addEventListener("click", () => fold(fields.classList.contains("folded")));
		fold([...fields.querySelectorAll("select")].some((s) => s.value !== ""));
	}

	document.addEventListener("htmx:afterSettle", show);
	addEventListener("pageshow", show);
	show();
})();
