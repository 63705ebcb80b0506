// A photo is made smaller before it leaves the phone: quicker on a slow network, and its place stays at home.
// Where the browser cannot read it (HEIC on most), it is sent as it is and the site says what to do.

const LONGEST = 1920;
const SMALL_ENOUGH = 600_000; // bytes: not worth the work

async function shrunk(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
  return blob && blob.size < file.size
    ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" })
    : file;
}

document.querySelectorAll("input[type=file][data-shrink]").forEach((input) => {
  let ours = null;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file || file === ours || file.size < SMALL_ENOUGH) return;
    try {
      ours = await shrunk(file);
      if (ours === file || input.files[0] !== file) return;
      const carrier = new DataTransfer();
      carrier.items.add(ours);
      input.files = carrier.files;
      ours = input.files[0];
    } catch {
      ours = null; // sent as it is
    }
  });
});
