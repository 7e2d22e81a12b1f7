/** What is drawn on the chart's canvas, read in the page. */

/** Expression of `{width, height, data}` (RGBA) of the plot alone, without its axes; by a copy, since reading slows a canvas down. */
export const PLOT_PIXELS = `(() => {
  const canvas = document.querySelector('.chart canvas');
  const [whole, plot] = [canvas, document.querySelector('.chart .u-over')].map(one => one.getBoundingClientRect());
  const scale = canvas.width / whole.width;
  const [width, height] = [plot.width, plot.height].map(length => Math.round(length * scale));
  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, (whole.x - plot.x) * scale, (whole.y - plot.y) * scale);
  return copy.getImageData(0, 0, width, height);
})()`;
