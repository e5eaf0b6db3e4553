// A part of a year can be chosen only with a year.
"use strict";
(() => {
	const year = document.querySelector(".statistics #year");
	const part = document.querySelector(".statistics #part");
	const fit = () => {
		part.disabled = year.value === "";
		if (part.disabled) part.value = "";
	};
	year.addEventListener("change", fit);
	fit();
})();
