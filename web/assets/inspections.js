// The forms of an inspection: room for as many units and findings as there are.
"use strict";
(() => {
	for (const more of document.querySelectorAll("[data-more-rows]")) {
		const rows = more.closest("[data-rowset]").querySelector("[data-rows]");
		more.hidden = false;
		more.addEventListener("click", () => {
			const next = rows.lastElementChild.cloneNode(true);
			for (const field of next.querySelectorAll("input:not([type=date]), textarea")) field.value = "";
			next.querySelector("select").value = "";
			rows.append(next);
			next.querySelector("[data-n]").textContent = rows.children.length;
			next.querySelector("select").focus();
		});
	}
})();
